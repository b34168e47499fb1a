import type { Pod } from '#domain/pod/pod.ts';
import { bringDown } from './bring-down.ts';
import type { PodContext } from './context.ts';
import { hasEnded } from './has-ended.ts';
import { removePod } from './remove.ts';
import { restartLater, wantsRestart } from './restart-later.ts';

/** A pod that is to end with its containers ends when the last one has. In the background: the end of a container waits for nobody. */
export const afterEnd = (world: PodContext, { id, spec }: Pod): void => {
  if (spec.whenAllEnded === 'keep' || world.leaving.aborted) return;
  // Out of the container's lock first.
  setImmediate(() => {
    const pod = world.pods.find(id);
    if (pod?.status !== 'running' || !hasEnded(world, pod)) return;
    settle(world, pod).catch((error: unknown) =>
      world.log('warn', 'a pod did not end with its containers', { pod: id, error }),
    );
  });
};

const settle = async (world: PodContext, pod: Pod): Promise<void> => {
  if (pod.spec.whenAllEnded === 'remove') await removePod(world, pod.id, { timeoutSeconds: 0 });
  else if (!wantsRestart(world, pod))
    await bringDown(world, pod.id, { timeoutSeconds: 0, keepSandbox: false });
  // The next run may be over already.
  else if (await restartLater(world, pod)) afterEnd(world, pod);
};
