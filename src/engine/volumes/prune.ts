import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { Pruned, PruneVolumes } from '#engine/engine.ts';
import { remove } from './remove.ts';
import { usersOf } from './users.ts';

/** Removes volumes that no container has; one that is taken or goes meanwhile is left alone. */
export const prune = async (
  world: ContainerContext,
  { anonymousOnly, matches, signal }: PruneVolumes,
): Promise<Pruned<string>> => {
  const removed: string[] = [];
  let reclaimedBytes = 0;
  for (const volume of world.state.volumes.list()) {
    if (signal.aborted) break;
    const { name, anonymous } = volume;
    if ((anonymousOnly && !anonymous) || !matches(volume)) continue;
    if (usersOf(world.records.listAll(), name).length > 0) continue;
    try {
      const bytes = await world.volumes.sizeBytes(name);
      await remove(world, name, { force: false });
      removed.push(name);
      reclaimedBytes += bytes;
    } catch (error) {
      if (!isEngineError(error, 'conflict') && !isEngineError(error, 'not-found')) throw error;
    }
  }
  const attributes = { reclaimed: String(reclaimedBytes) };
  world.events.publish({ type: 'volume', action: 'prune', actorId: '', attributes });
  return { removed, reclaimedBytes };
};
