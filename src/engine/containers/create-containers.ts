import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { ContainerOperations } from '#engine/engine.ts';
import type { ContainerContext } from './context.ts';
import { create } from './create/create.ts';
import { copyPath, getArchive, putArchive, statPath } from './files/archive.ts';
import { commit } from './files/commit.ts';
import { changes, exportRoot } from './files/export.ts';
import { linkNames, shownLinks } from './links/link-names.ts';
import { kill } from './life/kill.ts';
import { pause, unpause } from './life/pause.ts';
import { prune } from './life/prune.ts';
import { remove } from './life/remove.ts';
import { rename } from './life/rename.ts';
import { resize } from './life/resize.ts';
import { start } from './life/start.ts';
import { restart, stop } from './life/stop.ts';
import { update } from './life/update.ts';
import { wait } from './life/wait.ts';
import { stats } from './watch/stats.ts';
import { top } from './watch/top.ts';

/** Attach and logs come from the part that carries streams. */
export type ContainerLife = Omit<ContainerOperations, 'attach' | 'logs'>;

/** Binds every operation on containers to what it works with. */
export const createContainers = (world: ContainerContext): ContainerLife => ({
  create: (request) => create(world, request),
  get: (ref) => world.records.get(ref),
  list: () => world.records.list(),
  linkNames: (id) => linkNames(world.records, id),
  links: (id) => shownLinks(world.records, world.records.known(id)),
  execIds: (id) => world.execs.idsOf(id),
  size: async (id) => sizeOf(world, id),
  rootDescription: (id) => ({ driver: world.snapshotter.driver, data: world.snapshotter.describeRoot(id) }),
  start: (ref, options) => start(world, ref, options),
  stop: (ref, options) => stop(world, ref, options),
  restart: (ref, options) => restart(world, ref, options),
  kill: (ref, signal) => kill(world, ref, signal),
  pause: async (ref) => pause(world, ref),
  unpause: async (ref) => unpause(world, ref),
  rename: async (ref, name) => rename(world, ref, name),
  resize: async (ref, size) => resize(world, ref, size),
  wait: (ref, condition, signal) => wait(world, ref, condition, signal),
  remove: (ref, options) => remove(world, ref, options),
  prune: (matches, signal) => prune(world, matches, signal),
  statPath: (ref, asked) => statPath(world, ref, asked),
  getArchive: (ref, asked) => getArchive(world, ref, asked),
  copyPath: (ref, asked) => copyPath(world, ref, asked),
  putArchive: (ref, request) => putArchive(world, ref, request),
  exportRoot: (ref, signal) => exportRoot(world, ref, signal),
  changes: (ref, signal) => changes(world, ref, signal),
  top: (ref, psArguments) => top(world, ref, psArguments),
  stats: (ref, request) => stats(world, ref, request),
  update: async (ref, change) => update(world, ref, change),
  commit: async (ref, request) => commit(world, ref, request),
});

/** A container that is listed while it is removed has nothing left to measure: that is not the lister's error. */
const sizeOf = async (
  { snapshotter }: Pick<ContainerContext, 'snapshotter'>,
  id: ContainerId,
): Promise<{ writableBytes: number; rootBytes: number }> => {
  try {
    return await snapshotter.usage(id);
  } catch (error) {
    if (isEngineError(error, 'not-found')) return { writableBytes: 0, rootBytes: 0 };
    throw error;
  }
};
