import { engineError } from '#domain/error/catalogue.ts';
import type { Container } from '#domain/container/container.ts';
import { kernelNames } from '#domain/container/habits.ts';
import { ownSandboxId } from '#domain/container/names.ts';
import type { Sandbox } from '#engine/ports/sandboxes.ts';
import { shmBytesOf } from '#engine/containers/spec/build-spec.ts';
import type { NamespaceChoice, SpecInput } from '#engine/containers/spec/build-spec.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { JoinTarget, Joined } from './joined.ts';
import type { Wiring } from './wiring.ts';

type Needs = Pick<ContainerContext, 'sandboxes'>;

/** In a network of its own any user may listen at any port and ping, as with other engines. */
const UNPRIVILEGED: Readonly<Record<string, string>> = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
};

/** The container's own namespaces, made before its process; undefined when it has none of its own. */
export const makeSandbox = async (
  { sandboxes }: Needs,
  container: Container,
  wiring: Wiring,
): Promise<Sandbox | undefined> => {
  const { host } = container;
  const own = {
    network: wiring.kind === 'bridged' || wiring.kind === 'none',
    ipc: hasOwnIpc(host.ipcMode),
    uts: host.utsMode !== 'host' && container.podId === undefined,
  };
  if (!own.network && !own.ipc && !own.uts) return undefined;
  const wanted = { ...(own.network ? UNPRIVILEGED : {}), ...host.sysctls };
  const sysctls = Object.fromEntries(
    Object.entries(wanted).filter(([name]) => (name.startsWith('net.') ? own.network : own.ipc)),
  );
  return sandboxes.create({
    id: ownSandboxId(container.id),
    ...kernelNames(container),
    ...own,
    ...(host.ipcMode === 'shareable' ? { sharedMemoryBytes: shmBytesOf(host) } : {}),
    sysctls,
  });
};

/** The memory at /dev/shm that several containers see; undefined where it is the container's alone. */
export const findSharedMemory = async (
  { sandboxes }: Needs,
  { sandbox, joined }: { readonly sandbox: Sandbox | undefined; readonly joined: Joined },
): Promise<string | undefined> => {
  const { ipc } = joined;
  if (ipc === undefined) return sandbox?.sharedMemoryPath;
  if (ipc.host.ipcMode === 'host') return '/dev/shm';
  const path = (await sandboxes.find(ownSandboxId(ipc.id)))?.sharedMemoryPath;
  if (path === undefined) throw engineError('namespace.ipc-not-shareable', { id: ipc.id });
  return path;
};

const hasOwnIpc = (mode: string): boolean => ['', 'private', 'shareable', 'none'].includes(mode);

/** Where the process finds each namespace. */
export const chooseNamespaces = async (
  world: Needs,
  container: Container,
  wiring: Wiring,
  { sandbox, joined }: { readonly sandbox: Sandbox | undefined; readonly joined: Joined },
): Promise<SpecInput['namespaces']> => {
  const { host } = container;
  return {
    network:
      wiring.kind === 'host' ? 'host' : await shared(world, joined.network, sandbox?.networkPath, 'net'),
    ipc: host.ipcMode === 'host' ? 'host' : await shared(world, joined.ipc, sandbox?.ipcPath, 'ipc'),
    uts: host.utsMode === 'host' ? 'host' : await sharedName(world, joined.uts, sandbox?.utsPath),
    pid: host.pidMode === 'host' ? 'host' : pathOr(joined.pid && procPath(joined.pid, 'pid')),
  };
};

const pathOr = (path: string | undefined): NamespaceChoice => (path === undefined ? 'own' : { path });

/** Only the containers of a pod share their host name as such; others have a copy. */
const sharedName = async (
  { sandboxes }: Needs,
  target: JoinTarget | undefined,
  own: string | undefined,
): Promise<NamespaceChoice> =>
  pathOr(target === undefined ? own : (await sandboxes.find(target.sandboxId))?.utsPath);

const procPath = (container: JoinTarget, kind: string): string => `/proc/${container.state.pid}/ns/${kind}`;

const shared = async (
  { sandboxes }: Needs,
  target: JoinTarget | undefined,
  own: string | undefined,
  kind: 'net' | 'ipc',
): Promise<NamespaceChoice> => {
  if (target === undefined) return pathOr(own);
  const sandbox = await sandboxes.find(target.sandboxId);
  const pinned =
    kind === 'net' ? sandbox?.networkPath : (await sandboxes.find(ownSandboxId(target.id)))?.ipcPath;
  return { path: pinned ?? procPath(target, kind) };
};
