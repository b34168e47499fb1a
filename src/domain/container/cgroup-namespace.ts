import type { HostConfig } from './config.ts';

/**
 * Private by default on cgroup v2 only (docker-modern.md 1.1, row 1.41), there for privileged containers too: engines
 * and service managers inside make groups, and would make them in the machine's root.
 */
export const cgroupnsModeOf = (
  { cgroupnsMode }: Pick<HostConfig, 'cgroupnsMode'>,
  cgroupVersion: 1 | 2,
): string => {
  if (cgroupnsMode !== '') return cgroupnsMode;
  return cgroupVersion === 2 ? 'private' : 'host';
};
