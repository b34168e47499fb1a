import { withoutWish } from '#domain/container/life/wish.ts';
import type { Wish } from '#domain/container/life/wish.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

/** It came to nothing, and whoever asked has been told. */
export const forgetWish = (world: ContainerContext, id: ContainerId, kind: Wish['kind']): Promise<void> =>
  world.locks.run(id, () => {
    const container = world.records.find(id);
    if (container?.wish?.kind === kind) world.records.put(withoutWish(container), 'anyhow');
    return Promise.resolve();
  });
