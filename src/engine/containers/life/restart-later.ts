import { withState } from '#domain/container/exit-state.ts';
import type { Container } from '#domain/container/container.ts';
import { nextDelayMs, shouldRestart } from '#domain/container/restart-policy.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { launch } from '#engine/containers/launch/launch.ts';

/** Whether the policy wants another run after this one; counts its failure. */
export const wantsRestart = (world: ContainerContext, container: Container, exitCode: number): boolean => {
  const memory = world.runs.of(container.id);
  memory.failures = exitCode === 0 ? 0 : Math.max(memory.failures, container.restartCount) + 1;
  if (world.leaving.aborted || memory.isRestartedByHand) return false;
  const { stopRequested } = container.state;
  return shouldRestart(container.host.restartPolicy, { exitCode, stopRequested, failures: memory.failures });
};

/** Starts a `restarting` container after its delay, unless somebody stops it in between. */
export const restartLater = (world: ContainerContext, id: ContainerId, lastRunMs: number): void => {
  const memory = world.runs.of(id);
  memory.delayMs = nextDelayMs(memory.delayMs, lastRunMs);
  const pending = new AbortController();
  memory.pendingRestart = pending;
  void waitAndStart(world, id, pending.signal, memory.delayMs).catch((error: unknown) => {
    world.log('error', 'a restart was lost', { container: id, error });
  });
};

const waitAndStart = async (
  world: ContainerContext,
  id: ContainerId,
  signal: AbortSignal,
  delayMs: number,
): Promise<void> => {
  const either = AbortSignal.any([signal, world.leaving]);
  try {
    await world.clock.sleep(delayMs, either);
  } catch (error) {
    if (either.aborted) return;
    throw error;
  }
  await world.locks.run(id, async () => {
    const container = world.records.find(id);
    if (either.aborted || container?.state.status !== 'restarting') return;
    await startAgain(world, container);
  });
};

/** A run that could not even begin counts as failed (docker-semantics.md 4). */
const startAgain = async (world: ContainerContext, container: Container): Promise<void> => {
  const { id } = container;
  try {
    await launch(world, container, 'policy');
  } catch (error) {
    world.log('warn', 'a restart failed', { container: id, error });
    const failed = world.records.find(id);
    if (failed === undefined) return;
    const { exitCode } = failed.state;
    // `restartCount` counts starts that came about; the attempt counts as a failure all the same.
    if (wantsRestart(world, { ...failed, restartCount: 0 }, exitCode === 0 ? 1 : exitCode)) {
      world.records.put(withState(failed, { status: 'restarting' }), 'anyhow');
      restartLater(world, id, 0);
    } else {
      const { error: reason, failure } = failed.state;
      world.waiters.ended(id, { exitCode, error: reason, failure });
    }
  }
};

/** Ends the wait of a `restarting` container, its lock held: it stays down. */
export const cancelRestart = (world: ContainerContext, container: Container): void => {
  world.runs.forget(container.id);
  const { exitCode } = container.state;
  world.records.put(withState(container, { status: 'exited', stopRequested: true }), 'anyhow');
  world.waiters.ended(container.id, { exitCode });
};
