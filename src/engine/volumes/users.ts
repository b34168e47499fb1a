import type { Container } from '#domain/container/container.ts';

/** The containers, in any state, that have the volume among their mounts; also those that are still being made. */
export const usersOf = (containers: readonly Container[], name: string): Container[] =>
  containers.filter(({ mounts }) => mounts.some((mount) => mount.type === 'volume' && mount.name === name));
