import { unwatched, withState } from '#domain/container/exit-state.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { permit } from '#engine/containers/permit.ts';
import { thaw } from './deliver.ts';

/** Freezes every process of a running container (docker-semantics.md 3.5). */
export const pause = (world: ContainerContext, ref: string): Promise<void> => {
  const id = world.records.idOf(ref);
  return world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    permit(container, 'pause', ref);
    await world.runtime.pause(id);
    world.probes.end(id);
    const paused = withState(container, { status: 'paused', ...unwatched(container.state) });
    announce(world, 'pause', world.records.put(paused, 'anyhow'));
  });
};

export const unpause = (world: ContainerContext, ref: string): Promise<void> => {
  const id = world.records.idOf(ref);
  return world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    permit(container, 'unpause', ref);
    await thaw(world, container);
  });
};
