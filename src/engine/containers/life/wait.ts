import { isLive } from '#domain/container/lifecycle.ts';
import type { WaitCondition, WaitResult } from '#engine/engine.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

/** Registers before it returns, so that no end is missed (docker-modern.md 3.8). */
export const wait = (
  world: Pick<ContainerContext, 'records' | 'waiters'>,
  ref: string,
  condition: WaitCondition,
  signal: AbortSignal,
): { result: Promise<WaitResult> } => {
  const { id, state } = world.records.get(ref);
  const isOver = condition === 'not-running' && !isLive(state.status);
  const result = isOver
    ? Promise.resolve({ exitCode: state.exitCode })
    : world.waiters.register(id, condition, signal);
  // The caller may never look at it.
  result.catch(() => undefined);
  return { result };
};
