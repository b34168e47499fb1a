import type { Container } from '#domain/container/container.ts';
import { hasProcess } from '#domain/container/lifecycle.ts';
import { containerTarget } from '#domain/container/network-mode.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

/** Containers whose namespaces this one enters. */
export type Joined = {
  readonly network: Container | undefined;
  readonly ipc: Container | undefined;
  readonly pid: Container | undefined;
};

/** Throws `container.not-found`, `namespace.join-not-running`, `namespace.join-itself`. */
export const findJoined = (world: Pick<ContainerContext, 'records'>, container: Container): Joined => ({
  network: target(world, container, 'network', container.host.networkMode),
  ipc: target(world, container, 'ipc', container.host.ipcMode),
  pid: target(world, container, 'pid', container.host.pidMode),
});

const target = (
  { records }: Pick<ContainerContext, 'records'>,
  container: Container,
  namespace: keyof Joined,
  mode: string,
): Container | undefined => {
  const ref = containerTarget(mode);
  if (ref === undefined) return undefined;
  const found = records.get(ref);
  if (found.id === container.id) throw engineError('namespace.join-itself', { namespace });
  if (!hasProcess(found.state.status))
    throw engineError('namespace.join-not-running', { namespace, id: found.id });
  return found;
};
