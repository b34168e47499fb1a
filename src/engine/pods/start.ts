import type { SandboxId } from '#domain/value/flavor.ts';
import { afterEnd } from './after-end.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { permitPod } from './pod-records.ts';
import { raise } from './raise.ts';

/** Boots the pod if it has no sandbox and starts what does not run. */
export const startPod = async (
  world: PodContext,
  ref: string,
  options: { readonly sandboxId?: SandboxId },
): Promise<void> => {
  const { id } = world.pods.get(ref);
  await world.endings.get(id);
  await world.locks.run(podLock(id), async () => {
    const pod = world.pods.known(id);
    permitPod(pod, 'start');
    await raise(world, pod, options.sandboxId);
  });
  afterEnd(world, world.pods.known(id));
};
