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
        const nodes = await files.devices(mapping.pathOnHost);
        if (nodes.length === 0) throw engineError('config.device-missing', { path: mapping.pathOnHost });
        return { mapping, nodes };
      }),
    ),
  ]);
  return { host: all, mapped };
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
