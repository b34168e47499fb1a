import { hasProcess, isLive } from '#domain/container/lifecycle.ts';
import { parseSignal, SIGKILL } from '#domain/container/signals.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { Pod } from '#domain/pod/pod.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import { kill } from '#engine/containers/life/kill.ts';
import type { PodWish } from '#domain/pod/pod.ts';
import type { StopPod } from '#engine/engine.ts';
import { announcePod } from './announce.ts';
import { bringDown } from './bring-down.ts';
import type { PodContext } from './context.ts';
import { permitPod } from './pod-records.ts';
import { startPod } from './start.ts';

export const GRACE_SECONDS = 5;

export const stopPod = (world: PodContext, ref: string, options: StopPod): Promise<void> =>
  endFor(world, ref, options, 'rest');

const endFor = async (
  world: PodContext,
  ref: string,
  options: StopPod,
  next: PodWish['next'],
): Promise<void> => {
  const pod = world.pods.get(ref);
  settleForGood(world, pod);
  permitPod(pod, 'stop');
  await bringDown(world, pod.id, {
    timeoutSeconds: options.timeoutSeconds ?? GRACE_SECONDS,
    keepSandbox: options.keepSandbox ?? false,
    next,
  });
};

/** Whoever stops it does not want it back. */
const settleForGood = (world: PodContext, { id, spec, isRestarting }: Pod): void => {
  if (spec.restart === undefined || (spec.restart === 'never' && isRestarting !== true)) return;
  world.pods.change(id, { spec: { ...spec, restart: 'never' }, isRestarting: false }, 'now');
};

export const restartPod = async (world: PodContext, ref: string, options: StopPod): Promise<void> => {
  const { id } = world.pods.get(ref);
  try {
    await endFor(world, id, options, 'start');
  } catch (error) {
    if (!isEngineError(error, 'unchanged')) throw error;
  }
  await startPod(world, id, {});
};

/** Asks whether they are there. */
const PROBE = '0';

/** To one container, or to all that run; SIGKILL to all takes the ground from under them. */
export const killPod = async (
  world: PodContext,
  ref: string,
  options: { readonly signal?: string; readonly container?: string },
): Promise<void> => {
  const pod = world.pods.get(ref);
  const signal = options.signal === undefined || options.signal === '' ? 'TERM' : options.signal;
  const number = signal === PROBE ? 0 : parseSignal(signal);
  if (options.container !== undefined && options.container !== '') {
    const container = world.records.get(options.container);
    if (container.podId !== pod.id) throw engineError('pod.no-container', { ref: options.container });
    await deliverTo(world, container.id, signal);
    return;
  }
  permitPod(pod, 'kill');
  // A pod that restarts by itself is over by that as by any end of its containers.
  const isWhole = number === SIGKILL && pod.spec.restart === undefined;
  if (isWhole) await bringDown(world, pod.id, { timeoutSeconds: 0, keepSandbox: false });
  else {
    const running = pod.containers.filter(({ id }) => isLive(world.records.find(id)?.state.status ?? 'dead'));
    await Promise.all(running.map(async ({ id }) => deliverTo(world, id, signal)));
  }
  announcePod(world, 'kill', world.pods.find(pod.id) ?? pod, { signal: String(number) });
};

/** One that ended meanwhile needs none. */
const deliverTo = async (world: PodContext, id: string, signal: string): Promise<void> => {
  try {
    await (signal === PROBE ? probe(world, id) : kill(world, id, signal));
  } catch (error) {
    if (!isEngineError(error, 'conflict') && !isEngineError(error, 'unchanged')) throw error;
  }
};

const probe = (world: PodContext, id: ContainerId): Promise<void> =>
  world.locks.run(id, async () => {
    if (hasProcess(world.records.find(id)?.state.status ?? 'dead')) await world.runtime.signal(id, 0);
  });
