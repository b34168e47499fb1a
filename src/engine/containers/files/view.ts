import type { Container } from '#domain/container/container.ts';
import type { RootView } from '#engine/ports/root-archive.ts';

/** A container's files: as its processes see them while it has some, else its root with its volumes. */
export const viewOf = ({ id, state, mounts, host }: Container): RootView => ({
  id,
  ...(isAlive(state) ? { process: { pid: state.pid, startTime: state.processStartTime } } : {}),
  mounts,
  readonlyRoot: host.readonlyRootfs,
});

const isAlive = ({ status, pid }: Container['state']): boolean =>
  pid > 0 && (status === 'running' || status === 'paused');
