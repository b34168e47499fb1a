import { isPodLive } from '#domain/pod/lifecycle.ts';
import type { PodId } from '#domain/value/flavor.ts';
import { announcePod } from './announce.ts';
import { bringDown } from './bring-down.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { removeEverything } from './discard.ts';
import { permitPod } from './pod-records.ts';

const GRACE_SECONDS = 5;

/** Ends the pod, if need be, and removes all that is its own. What fails leaves it `dead`; it can be tried again. */
export const removePod = async (
  world: PodContext,
  ref: string,
  options: { readonly timeoutSeconds?: number },
): Promise<void> => {
  const { id, status } = world.pods.get(ref);
  if (isPodLive(status)) {
    await bringDown(world, id, {
      timeoutSeconds: options.timeoutSeconds ?? GRACE_SECONDS,
      keepSandbox: false,
      next: 'remove',
    });
  }
  await world.locks.run(podLock(id), async () => {
    const pod = world.pods.find(id);
    // Somebody else was quicker.
    if (pod === undefined) return;
    permitPod(pod, 'remove');
    await finishRemoval(world, id);
  });
};

/** The lock is held. */
export const finishRemoval = async (world: PodContext, id: PodId): Promise<void> => {
  const removing = world.pods.change(id, { status: 'removing' }, 'soon-anyhow');
  try {
    await removeEverything(world, removing);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    world.pods.change(id, { status: 'dead', error: text }, 'soon-anyhow');
    throw error;
  }
  world.pods.remove(id);
  announcePod(world, 'destroy', removing);
};
