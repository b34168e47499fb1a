import type { Container } from '#domain/container/container.ts';
import type { MountPoint } from '#domain/container/config.ts';
import type { RootView } from '#engine/ports/root-archive.ts';

/**
 * A container's files: as its processes see them while it has some, else its root with what is mounted there in a
 * run: volumes, and the files that the engine wrote for the last one.
 */
export const viewOf = (container: Container): RootView => {
  const { id, state, mounts, host } = container;
  return {
    id,
    ...(isAlive(state) ? { process: { pid: state.pid, startTime: state.processStartTime } } : {}),
    mounts: [...mounts, ...fileMounts(container)],
    readonlyRoot: host.readonlyRootfs,
  };
};

const fileMounts = ({ files, mounts, host }: Container): MountPoint[] => {
  const own = {
    '/etc/resolv.conf': files.resolvConf,
    '/etc/hosts': files.hosts,
    '/etc/hostname': files.hostname,
  };
  return Object.entries(own)
    .filter(([path, source]) => source !== '' && !mounts.some(({ destination }) => destination === path))
    .map(([destination, source]) => ({
      type: 'bind',
      name: '',
      source,
      destination,
      driver: '',
      mode: '',
      writable: !host.readonlyRootfs,
      propagation: '',
    }));
};

const isAlive = ({ status, pid }: Container['state']): boolean =>
  pid > 0 && (status === 'running' || status === 'paused');
