import type { Container } from '#domain/container/container.ts';
import { withoutWish } from '#domain/container/life/wish.ts';
import { parseSignal, SIGTERM } from '#domain/container/signals.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { launch } from '#engine/containers/launch/launch.ts';
import { permit } from '#engine/containers/permit.ts';
import { forgetWish } from './forget-wish.ts';
import { halt } from './halt.ts';

const DEFAULT_TIMEOUT_SECONDS = 10;

export type StopOptions = { readonly timeoutSeconds?: number; readonly signal?: string };

/** Ends the container with grace (docker-semantics.md 3.3). */
export const stop = async (world: ContainerContext, ref: string, options: StopOptions): Promise<void> => {
  const container = world.records.get(ref);
  await halt(world, container.id, { ref, command: 'stop', ...graceOf(container, options) });
  announce(world, 'stop', world.records.find(container.id) ?? container);
};

const graceOf = ({ config }: Container, options: StopOptions): { signal: number; waitMs: number } => {
  const seconds = options.timeoutSeconds ?? config.stopTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const name = [options.signal, config.stopSignal].find((text) => text !== undefined && text !== '');
  return { signal: name === undefined ? SIGTERM : parseSignal(name), waitMs: seconds * 1000 };
};

/** Stop if it runs, then start; neither the restart policy nor auto-remove sees the end in between. */
export const restart = async (world: ContainerContext, ref: string, options: StopOptions): Promise<void> => {
  const container = world.records.get(ref);
  const { id } = container;
  permit(container, 'restart', ref);
  const memory = world.runs.of(id);
  memory.isRestartedByHand = true;
  try {
    await haltIfLive(world, container, ref, options);
    await world.locks.run(id, async () => {
      const stopped = world.records.known(id, ref);
      // Somebody else may have been quicker.
      if (!isLive(stopped.state.status)) await launch(world, withoutWish(stopped), 'hand');
    });
  } finally {
    memory.isRestartedByHand = false;
    world.runs.forget(id);
    await forgetWish(world, id, 'restart');
  }
  announce(world, 'restart', world.records.known(id, ref));
};

const haltIfLive = async (
  world: ContainerContext,
  container: Container,
  ref: string,
  options: StopOptions,
): Promise<void> => {
  if (!isLive(container.state.status)) return;
  try {
    const wish = { kind: 'restart', ...options } as const;
    await halt(world, container.id, { ref, command: 'stop', ...graceOf(container, options), wish });
  } catch (error) {
    // It ended by itself before the lock was ours.
    if (!isEngineError(error, 'unchanged')) throw error;
    return;
  }
  announce(world, 'stop', world.records.find(container.id) ?? container);
};
