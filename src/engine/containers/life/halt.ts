import { hasProcess } from '#domain/container/lifecycle.ts';
import type { LifeCommand } from '#domain/container/lifecycle.ts';
import { SIGKILL } from '#domain/container/signals.ts';
import { withWish } from '#domain/container/life/wish.ts';
import type { Wish } from '#domain/container/life/wish.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { permit } from '#engine/containers/permit.ts';
import { deliver } from './deliver.ts';
import { cancelRestart } from './restart-later.ts';

/** After SIGKILL a process ends at once unless it hangs in the kernel. */
const KILL_WAIT_MS = 10_000;

export type Halt = {
  readonly ref: string;
  readonly command: LifeCommand;
  readonly signal: number;
  /** How long the signal may take; negative = for ever. */
  readonly waitMs: number;
  /** What the end is for; by default itself. */
  readonly wish?: Wish;
};

/**
 * Ends a live container: the signal, then SIGKILL, then SIGKILL to every process. Returns when the
 * end has been handled (state stored, ports free). The lock is held only while signals are sent.
 * Throws what the life table refuses, and `container.kill-failed`.
 */
export const halt = async (
  world: ContainerContext,
  id: ContainerId,
  { ref, command, signal, waitMs, wish = { kind: 'end', signal, waitMs } }: Halt,
): Promise<void> => {
  const run = await world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    permit(container, command, ref);
    if (container.state.status === 'restarting') {
      cancelRestart(world, wish.kind === 'end' ? container : withWish(container, wish));
      return undefined;
    }
    const ending = watchEnd(world, id);
    await ignoreGone(deliver(world, container, signal, { wish }));
    return ending;
  });
  if (run === undefined) return;
  if (waitMs < 0) await run.ended;
  else await escalate(world, id, run, { signal, waitMs });
};

type Ending = { readonly ended: Promise<unknown>; isOver: boolean };

const watchEnd = (world: ContainerContext, id: ContainerId): Ending => {
  const ending: Ending = {
    ended: world.waiters.register(id, 'next-exit').then(() => (ending.isOver = true)),
    isOver: false,
  };
  return ending;
};

const escalate = async (
  world: ContainerContext,
  id: ContainerId,
  run: Ending,
  { signal, waitMs }: Pick<Halt, 'signal' | 'waitMs'>,
): Promise<void> => {
  if (await isOverWithin(world, run, signal === SIGKILL ? KILL_WAIT_MS : waitMs)) return;
  if (signal !== SIGKILL) {
    await again(world, id, run, async (container) => void (await deliver(world, container, SIGKILL)));
    if (await isOverWithin(world, run, KILL_WAIT_MS)) return;
  }
  await again(world, id, run, () => world.runtime.killAll(id));
  if (!(await isOverWithin(world, run, KILL_WAIT_MS))) throw engineError('container.kill-failed', { id });
};

/** One more blow, unless this run has ended (another may have begun). */
const again = (
  world: ContainerContext,
  id: ContainerId,
  run: Ending,
  strike: (container: ReturnType<ContainerContext['records']['known']>) => Promise<void>,
): Promise<void> =>
  world.locks.run(id, async () => {
    const container = world.records.find(id);
    if (run.isOver || container === undefined || !hasProcess(container.state.status)) return;
    await ignoreGone(strike(container));
  });

const isOverWithin = async (world: ContainerContext, run: Ending, ms: number): Promise<boolean> => {
  const timer = new AbortController();
  try {
    // Aborting the timer rejects it; by then the race is decided.
    const late = world.clock.sleep(ms, timer.signal).catch(() => undefined);
    await Promise.race([run.ended, late]);
    return run.isOver;
  } finally {
    timer.abort();
  }
};

/** The process may have ended a moment ago: its end is on the way. */
const ignoreGone = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!isEngineError(error) || error.code !== 'runtime.not-running') throw error;
  }
};
