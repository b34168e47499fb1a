import { nextDelayMs } from '#domain/container/restart-policy.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { PodId } from '#domain/value/flavor.ts';
import { bringDown } from './bring-down.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { hasEnded } from './has-ended.ts';
import { raise } from './raise.ts';

/** Whether a pod whose containers have all ended is to have another run. */
export const wantsRestart = (world: PodContext, { spec, containers }: Pod): boolean => {
  if (spec.restart !== 'on-failure') return spec.restart === 'always';
  return containers.some(({ id }) => (world.records.find(id)?.state.exitCode ?? 0) !== 0);
};

/**
 * Starts the pod again after a delay, in a sandbox of its own, unless somebody stops, starts or removes it meanwhile. Until
 * then it stands as it is: a daemon that comes next finds it ended and begins from here. Whether it was started.
 */
export const restartLater = async (world: PodContext, { id, startedAt }: Pod): Promise<boolean> => {
  const before = world.restarts.get(id);
  if (before?.isPending === true) return false;
  const delayMs = nextDelayMs(before?.delayMs ?? 0, world.clock.now() - startedAt);
  world.restarts.set(id, { delayMs, isPending: true });
  await pause(world, delayMs).finally(() => world.restarts.set(id, { delayMs, isPending: false }));
  if (world.leaving.aborted) return false;
  const pod = world.pods.find(id);
  if (pod === undefined) world.restarts.delete(id);
  const isAsItWas = pod?.status === 'running' && pod.startedAt === startedAt && hasEnded(world, pod);
  if (!isAsItWas || !wantsRestart(world, pod)) return false;
  world.pods.change(id, { isRestarting: true }, 'now');
  await bringDown(world, id, { timeoutSeconds: 0, keepSandbox: false });
  return startAgain(world, id);
};

/** Until the daemon leaves, if that is sooner. */
const pause = async (world: PodContext, delayMs: number): Promise<void> => {
  try {
    await world.clock.sleep(delayMs, world.leaving);
  } catch (error) {
    if (!world.leaving.aborted) throw error;
  }
};

/** The second half, also of a restart that a daemon before has begun. */
export const startAgain = (world: PodContext, id: PodId): Promise<boolean> =>
  world.locks.run(podLock(id), async () => {
    const pod = world.pods.find(id);
    if (pod?.isRestarting !== true || pod.status !== 'stopped') return false;
    try {
      await raise(world, pod, undefined);
    } finally {
      world.pods.change(id, { isRestarting: false });
    }
    return true;
  });
