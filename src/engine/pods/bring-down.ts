import type { Pod, PodWish } from '#domain/pod/pod.ts';
import { isPodLive } from '#domain/pod/lifecycle.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId, PodId } from '#domain/value/flavor.ts';
import { stop } from '#engine/containers/life/stop.ts';
import { announcePod } from './announce.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { closePorts } from './publish.ts';

export type Ending = {
  /** 0 = SIGKILL at once. */
  readonly timeoutSeconds: number;
  readonly keepSandbox: boolean;
  /** What the end is for; by default itself. */
  readonly next?: PodWish['next'];
};

/** Ends a live pod: containers side by side, then the sandbox. One at a time; a second caller waits for the first. */
export const bringDown = (world: PodContext, id: PodId, ending: Ending): Promise<void> => {
  const underWay = world.endings.get(id);
  if (underWay !== undefined) {
    // Whoever is in a hurry does not wait for the grace of another.
    if (ending.timeoutSeconds === 0) void haltMembers(world, id, 0).catch(() => undefined);
    return underWay;
  }
  const work = endPod(world, id, ending).finally(() => world.endings.delete(id));
  world.endings.set(id, work);
  return work;
};

const endPod = async (world: PodContext, id: PodId, ending: Ending): Promise<void> => {
  const isToEnd = await world.locks.run(podLock(id), async () => {
    const pod = world.pods.find(id);
    if (pod === undefined || !isPodLive(pod.status)) return false;
    const wish = { keepSandbox: ending.keepSandbox, next: ending.next ?? 'rest' } as const;
    world.pods.change(id, { status: 'stopping', wish }, 'soon-anyhow');
    return true;
  });
  if (!isToEnd) return;
  await haltMembers(world, id, ending.timeoutSeconds);
  await world.locks.run(podLock(id), async () => {
    await settleAtRest(world, id, ending.keepSandbox);
    announcePod(world, 'stop', world.pods.known(id));
  });
};

/** The sandbox goes, its containers having ended; the lock is held. */
export const settleAtRest = async (world: PodContext, id: PodId, keepSandbox: boolean): Promise<void> => {
  await tearDown(world, world.pods.known(id), keepSandbox);
  const { wish } = world.pods.known(id);
  const finishedAt = world.clock.now();
  world.pods.change(
    id,
    {
      status: 'stopped',
      sandboxId: '',
      isBooted: false,
      endpoints: [],
      published: [],
      finishedAt,
      wish: wish?.next === 'rest' ? undefined : wish,
    },
    'soon-anyhow',
  );
};

/** Ends every container of the pod that is live, each with its own signal; never fails for one that ended by itself. */
export const haltMembers = async (world: PodContext, id: PodId, timeoutSeconds: number): Promise<void> => {
  const members = world.records.listAll().filter(({ podId, state }) => podId === id && isLive(state.status));
  const results = await Promise.allSettled(
    members.map(async (container) => haltMember(world, container.id, timeoutSeconds)),
  );
  for (const result of results) {
    if (result.status === 'rejected')
      world.log('error', 'a container of a pod did not end', { pod: id, error: result.reason });
  }
};

export const haltMember = async (
  world: PodContext,
  id: ContainerId,
  timeoutSeconds: number,
): Promise<void> => {
  try {
    await stop(world, id, { timeoutSeconds, ...(timeoutSeconds === 0 ? { signal: 'KILL' } : {}) });
  } catch (error) {
    const isGone = isEngineError(error, 'unchanged') || isEngineError(error, 'not-found');
    if (!isGone && !isEngineError(error, 'conflict')) throw error;
  }
};

/**
 * Takes away what `boot` made, whatever of it there is. Every step is tried; what fails is logged and left to the next
 * recovery, because an end must always come through.
 */
export const tearDown = async (world: PodContext, pod: Pod, keepSandbox = false): Promise<void> => {
  const { sandboxId } = pod;
  if (sandboxId === '') return;
  const attempt = async (step: string, work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      world.log('warn', 'a resource of a pod could not be released', { pod: pod.id, step, error });
    }
  };
  const record = world.state.sandboxes.get(sandboxId);
  await Promise.all([
    attempt('ports', closePorts(world, pod.published)),
    ...pod.endpoints.map(({ endpointId }) => attempt('endpoint', world.network.disconnect(endpointId))),
    attempt('sandbox', world.sandboxes.remove(sandboxId)),
    ...(keepSandbox ? [] : [attempt('group', world.groups.remove(world.pods.groupOf(sandboxId)))]),
  ]);
  world.addresses.release(sandboxId);
  if (record === undefined) return;
  if (keepSandbox) world.state.sandboxes.put({ ...record, podId: '', isStandalone: true }, 'soon-anyhow');
  else world.state.sandboxes.remove(sandboxId, 'soon-anyhow');
};
