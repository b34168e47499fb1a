import { atRest } from '#domain/container/exit-state.ts';
import type { Container } from '#domain/container/container.ts';
import { withoutWish } from '#domain/container/life/wish.ts';
import { hasProcess } from '#domain/container/lifecycle.ts';
import type { RuntimeExit } from '#engine/ports/container-runtime.ts';
import { announce, announceNetworks, announceVolumes } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { release } from '#engine/containers/launch/release.ts';
import { removeLocked } from './remove.ts';
import { restartLater, wantsRestart } from './restart-later.ts';

/** Handles the end of a container's process, once. */
export const end = (world: ContainerContext, exit: RuntimeExit): Promise<void> =>
  world.locks.run(exit.id, async () => {
    const container = world.records.find(exit.id);
    if (container === undefined || !hasProcess(container.state.status)) return;
    if (isOldNews(container, exit)) return;
    await settle(world, container, exit);
  });

/** Recovery and the runtime may both tell of one end; the record keeps its instant over a restart. */
const isOldNews = ({ state }: Container, { finishedAt }: RuntimeExit): boolean =>
  finishedAt === state.finishedAt && finishedAt < state.startedAt;

/**
 * The order matters: the state is stored first (whoever sees a stream end finds the code), then
 * ports and addresses are free, then waiters wake, then restart or removal.
 */
const settle = async (world: ContainerContext, container: Container, exit: RuntimeExit): Promise<void> => {
  const { id, exitCode, finishedAt } = exit;
  const wasHit = container.state.oomKilled;
  const oomKilled = exit.oomKilled || wasHit;
  world.probes.end(id);
  const runMs = lengthOfRun(world, container, finishedAt);
  const isRestartedByHand = world.runs.of(id).isRestartedByHand || container.wish?.kind === 'restart';
  const isComingBack = wantsRestart(world, container, exitCode);
  const status = isComingBack ? 'restarting' : 'exited';
  const ended = world.records.put(
    atRest(withoutWish(container, 'end', 'limit'), { status, exitCode, finishedAt, oomKilled }),
    'soon-anyhow',
  );
  if (oomKilled && !wasHit) announce(world, 'oom', ended);
  world.execs.containerEnded(id);
  const draining = drain(world, id);
  await release(world, container);
  announce(world, 'die', ended, {
    exitCode: String(exitCode),
    execDuration: String(Math.floor(runMs / 1000)),
  });
  announceNetworks(world, 'disconnect', container);
  announceVolumes(world, 'unmount', container);
  world.waiters.ended(id, { exitCode });
  await draining;
  if (isComingBack) restartLater(world, id, runMs);
  else if (ended.host.autoRemove && !isRestartedByHand) await removeQuietly(world, ended);
  else world.runs.of(id).delayMs = 0;
  if (!isComingBack) world.pods.containerEnded(ended);
};

/** By a clock that nobody sets; by the wall clock where the run began before this daemon. */
const lengthOfRun = (
  { runs, clock }: ContainerContext,
  { id, state }: Container,
  finishedAt: number,
): number => {
  const { begunAt } = runs.of(id);
  runs.of(id).begunAt = undefined;
  return begunAt === undefined ? Math.max(0, finishedAt - state.startedAt) : clock.elapsed() - begunAt;
};

const drain = async (world: ContainerContext, id: string): Promise<void> => {
  try {
    await world.streams.afterExit(id);
  } catch (error) {
    world.log('warn', 'the streams of an ended container did not close', { container: id, error });
  }
};

/** Nobody asked, so nobody can be told: the container stays listed as dead and can be removed by hand. */
const removeQuietly = async (world: ContainerContext, container: Container): Promise<void> => {
  try {
    await removeLocked(world, container, { volumes: true });
  } catch (error) {
    world.log('error', 'auto-remove failed', { container: container.id, error });
  }
};
