import type { Container } from '#domain/container/container.ts';
import { hasProcess } from '#domain/container/lifecycle.ts';
import { containerTarget } from '#domain/container/network-mode.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

/** Containers whose namespaces this one enters. */
export type Joined = {
  readonly network: JoinTarget | undefined;
  readonly ipc: JoinTarget | undefined;
  readonly pid: JoinTarget | undefined;
  /** Only in a pod. */
  readonly uts?: JoinTarget;
};

/** Whose namespaces: a container, or the sandbox of a pod. */
export type JoinTarget = Pick<Container, 'id' | 'sandboxId' | 'files'> & {
  readonly config: Pick<Container['config'], 'hostname' | 'domainname'>;
  readonly host: Pick<Container['host'], 'ipcMode'>;
  readonly state: Pick<Container['state'], 'pid'>;
};

/** What the containers of a running pod stand on. */
export type PodGround = {
  readonly sandbox: JoinTarget;
  /** The control group above theirs. */
  readonly group: string;
  /** Whose processes it sees; undefined: its own. */
  readonly pid: Container | undefined;
};

/** Throws `container.not-found`, `namespace.join-not-running`, `namespace.join-itself`, `pod.not-running`. */
export const findJoined = (
  world: Pick<ContainerContext, 'records' | 'pods'>,
  container: Container,
): Joined => {
  const ground = world.pods.groundOf(container);
  if (ground !== undefined) {
    const { sandbox, pid } = ground;
    return { network: sandbox, ipc: sandbox, uts: sandbox, pid };
  }
  return {
    network: target(world, container, 'network', container.host.networkMode),
    ipc: target(world, container, 'ipc', container.host.ipcMode),
    pid: target(world, container, 'pid', container.host.pidMode),
  };
};

const target = (
  { records }: Pick<ContainerContext, 'records'>,
  container: Container,
  namespace: 'network' | 'ipc' | 'pid',
  mode: string,
): Container | undefined => {
  const ref = containerTarget(mode);
  if (ref === undefined) return undefined;
  const found = records.get(ref);
  const shown = namespace === 'network' ? namespace : namespace.toUpperCase();
  if (found.id === container.id) throw engineError('namespace.join-itself', { namespace: shown });
  if (!hasProcess(found.state.status))
    throw engineError('namespace.join-not-running', { namespace: shown, id: found.id });
  return found;
};
