import type { Container } from '#domain/container/container.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { Pruned } from '#engine/engine.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { remove } from './remove.ts';

const STOPPED: ReadonlySet<string> = new Set(['created', 'exited', 'dead']);

/** Removes the containers that do not run and match; one that starts or goes meanwhile is left alone. */
export const prune = async (
  world: ContainerContext,
  matches: (container: Container) => boolean,
  signal: AbortSignal,
): Promise<Pruned<ContainerId>> => {
  const removed: ContainerId[] = [];
  let reclaimedBytes = 0;
  for (const container of world.records.list()) {
    if (!STOPPED.has(container.state.status) || !matches(container)) continue;
    // Who hangs up keeps the rest.
    if (signal.aborted) break;
    const bytes = await removeOne(world, container.id);
    if (bytes === undefined) continue;
    removed.push(container.id);
    reclaimedBytes += bytes;
  }
  world.events.publish({
    type: 'container',
    action: 'prune',
    actorId: '',
    attributes: { reclaimed: String(reclaimedBytes) },
  });
  return { removed, reclaimedBytes };
};

const removeOne = async (world: ContainerContext, id: ContainerId): Promise<number | undefined> => {
  try {
    const { writableBytes } = await world.snapshotter.usage(id);
    await remove(world, id, { force: false, volumes: false, link: false });
    return writableBytes;
  } catch (error) {
    if (isEngineError(error, 'not-found') || isEngineError(error, 'conflict')) return undefined;
    throw error;
  }
};
