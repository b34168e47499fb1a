import { isLive } from '#domain/container/lifecycle.ts';
import type { Pod } from '#domain/pod/pod.ts';
import { bringDown } from './bring-down.ts';
import type { PodContext } from './context.ts';
import { removePod } from './remove.ts';

/** A pod that is to end with its containers ends when the last one has. In the background: the end of a container waits for nobody. */
export const afterEnd = (world: PodContext, { id, spec }: Pod): void => {
  if (spec.whenAllEnded === 'keep' || world.leaving.aborted) return;
  // Out of the container's lock first.
  setImmediate(() => {
    const pod = world.pods.find(id);
    if (pod?.status !== 'running' || !hasEnded(world, pod)) return;
    const work =
      spec.whenAllEnded === 'remove'
        ? removePod(world, id, { timeoutSeconds: 0 })
        : bringDown(world, id, { timeoutSeconds: 0, keepSandbox: false });
    work.catch((error: unknown) =>
      world.log('warn', 'a pod did not end with its containers', { pod: id, error }),
    );
  });
};

const hasEnded = (world: PodContext, { containers }: Pod): boolean =>
  containers.length > 0 &&
  containers.every(({ id }) => {
    const status = world.records.find(id)?.state.status;
    return status === undefined || (status !== 'created' && !isLive(status));
  });
