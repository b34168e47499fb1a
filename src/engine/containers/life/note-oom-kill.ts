import { hasProcess } from '#domain/container/lifecycle.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

/** The OOM killer may take a child and leave the first process: the container has been hit all the same, and says so. */
export const noteOomKill = (world: ContainerContext, id: string): Promise<void> =>
  world.locks.run(id, async () => {
    const container = world.records.find(id);
    if (container === undefined || !hasProcess(container.state.status) || container.state.oomKilled) return;
    announce(
      world,
      'oom',
      world.records.put({ ...container, state: { ...container.state, oomKilled: true } }, 'soon'),
    );
  });
