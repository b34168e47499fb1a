import type { Resources } from '#domain/container/config.ts';
import type { Container } from '#domain/container/container.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { HostDevice } from '#engine/ports/container-files.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { MappedDevice } from '#engine/containers/spec/devices.ts';
import type { BlockNode } from '#engine/containers/spec/resources.ts';

export type FoundDevices = { readonly host: readonly HostDevice[]; readonly mapped: readonly MappedDevice[] };

/** Nodes behind the wanted devices; all of the host's for a privileged container. Throws `config.device-missing`. */
export const findDevices = async (
  { files }: Pick<ContainerContext, 'files'>,
  { host }: Container,
): Promise<FoundDevices> => {
  if (!host.privileged && host.devices.length === 0) return { host: [], mapped: [] };
  const [all, mapped] = await Promise.all([
    host.privileged ? files.devices('/dev') : [],
    Promise.all(
      host.devices.map(async (mapping) => {
        return { mapping, nodes: await nodesOf(files, mapping.pathOnHost) };
      }),
    ),
  ]);
  return { host: all, mapped };
};

/** Throws `config.device-missing`, `config.not-a-device` {path}: a file, or a folder without a node. */
const nodesOf = async (files: ContainerContext['files'], path: string): Promise<readonly HostDevice[]> => {
  const kind = await files.hostKind(path);
  if (kind === undefined) throw engineError('config.device-missing', { path });
  const nodes = kind === 'file' ? [] : await files.devices(path);
  if (nodes.length === 0) throw engineError('config.not-a-device', { path });
  return nodes;
};

/** Numbers of the devices whose traffic is limited. Throws `blkio.device-missing`. */
export const findBlockNodes = async (
  { files }: Pick<ContainerContext, 'files'>,
  limits: Resources,
): Promise<BlockNode[]> => {
  const { blkioWeightDevice, blkioReadBps, blkioWriteBps, blkioReadIops, blkioWriteIops } = limits;
  const limited = [blkioWeightDevice, blkioReadBps, blkioWriteBps, blkioReadIops, blkioWriteIops];
  const paths = new Set(limited.flatMap((list = []) => list.map(({ path }) => path)));
  return Promise.all(
    [...paths].map(async (path) => {
      const [node] = await files.devices(path).catch(() => []);
      if (node !== undefined) return { path, major: node.major, minor: node.minor };
      throw engineError('blkio.device-missing', { path });
    }),
  );
};
