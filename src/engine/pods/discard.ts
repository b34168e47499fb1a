import type { Pod } from '#domain/pod/pod.ts';
import type { PodId } from '#domain/value/flavor.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { discard } from '#engine/containers/create/discard.ts';
import { remove } from '#engine/containers/life/remove.ts';
import { tearDown } from './bring-down.ts';
import type { PodContext } from './context.ts';

/** Takes back a create that did not come to its end (failed, or the daemon died in it). */
export const discardPod = async (world: PodContext, id: PodId): Promise<void> => {
  try {
    await removeEverything(world, world.pods.known(id));
  } catch (error) {
    // The name must be free in any case; the next start of the daemon finds what is left.
    world.log('warn', 'a failed create of a pod could not be cleaned up', { pod: id, error });
  }
  world.pods.remove(id);
};

/**
 * All that is the pod's: containers in whatever state, sandbox, files, volumes. The record stays. A container that cannot
 * be removed keeps its files, but no ground.
 */
export const removeEverything = async (world: PodContext, pod: Pod): Promise<void> => {
  try {
    await removeContainers(world, pod.id);
  } finally {
    await tearDown(world, pod);
  }
  await Promise.all([world.files.remove(world.pods.filesKey(pod.id)), world.podFolders.remove(pod.id)]);
};

const removeContainers = async (world: PodContext, id: PodId): Promise<void> => {
  const members = world.records.listAll().filter(({ podId }) => podId === id);
  const results = await Promise.allSettled(
    members.map(async (container) => {
      if (container.state.status === 'creating') await discard(world, container);
      else await removeQuietly(world, container.id);
    }),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};

const removeQuietly = async (world: PodContext, id: string): Promise<void> => {
  try {
    await remove(world, id, { force: true, volumes: true, link: false });
  } catch (error) {
    if (!isEngineError(error, 'not-found')) throw error;
  }
};
