import { isEngineError } from '#domain/error/engine-error.ts';
import type { Pod } from '#domain/pod/pod.ts';
import { pause, unpause } from '#engine/containers/life/pause.ts';
import { announcePod } from './announce.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { permitPod } from './pod-records.ts';

/** Freezes every container that runs. The record comes first: recovery freezes those that a killed daemon had left out. */
export const pausePod = async (world: PodContext, ref: string): Promise<void> => {
  const { id } = world.pods.get(ref);
  await world.locks.run(podLock(id), async () => {
    permitPod(world.pods.known(id), 'pause');
    const paused = world.pods.change(id, { status: 'paused' });
    await freezeMembers(world, paused);
    announcePod(world, 'pause', paused);
  });
};

export const unpausePod = async (world: PodContext, ref: string): Promise<void> => {
  const { id } = world.pods.get(ref);
  await world.locks.run(podLock(id), async () => {
    permitPod(world.pods.known(id), 'unpause');
    await each(world.pods.known(id), async (member) => unpause(world, member));
    announcePod(world, 'unpause', world.pods.change(id, { status: 'running' }));
  });
};

export const freezeMembers = async (world: PodContext, pod: Pod): Promise<void> =>
  each(pod, async (member) => pause(world, member));

/** One that does not run, or is frozen or thawed already, is left alone. */
const each = async (pod: Pod, work: (id: string) => Promise<void>): Promise<void> => {
  await Promise.all(
    pod.containers.map(async ({ id }) => {
      try {
        await work(id);
      } catch (error) {
        if (!isEngineError(error, 'conflict') && !isEngineError(error, 'not-found')) throw error;
      }
    }),
  );
};
