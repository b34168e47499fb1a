import type { Static } from 'typebox';
import type { MountPoint } from '#domain/container/config.ts';
import type { MountPointAnswer } from '#api/docker/schema/container.ts';

/** Listed mounts: a tmpfs of HostConfig.Tmpfs is mounted but not listed (docker-modern.md 3.1). */
export const presentMounts = (mounts: readonly MountPoint[]): Static<typeof MountPointAnswer>[] =>
  mounts.filter(({ hidden }) => hidden !== true).map(presentMountPoint);

const presentMountPoint = (point: MountPoint): Static<typeof MountPointAnswer> => ({
  Type: point.type,
  ...(point.name === '' ? {} : { Name: point.name }),
  Source: point.source,
  Destination: point.destination,
  ...(point.driver === '' ? {} : { Driver: point.driver }),
  Mode: point.mode,
  RW: point.writable,
  // What the kernel does with a bind by default.
  Propagation: point.propagation === '' && point.type === 'bind' ? 'rprivate' : point.propagation,
});

/** Before API 1.20: destination to host path, and whether it is writable. */
export const presentOldVolumes = (mounts: readonly MountPoint[]) => {
  const onDisk = mounts.filter(({ type }) => type !== 'tmpfs');
  return {
    Volumes: Object.fromEntries(onDisk.map(({ destination, source }) => [destination, source])),
    VolumesRW: Object.fromEntries(onDisk.map(({ destination, writable }) => [destination, writable])),
  };
};
