import { isLive } from '#domain/container/lifecycle.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { ContainerId, SandboxId } from '#domain/value/flavor.ts';
import { start as startContainer } from '#engine/containers/life/start.ts';
import { announcePod } from './announce.ts';
import { boot } from './boot.ts';
import { haltMembers, settleAtRest } from './bring-down.ts';
import type { PodContext } from './context.ts';

/** The lock is held. Also finishes a start that was cut off. */
export const raise = async (world: PodContext, pod: Pod, sandboxId: SandboxId | undefined): Promise<void> => {
  const { id } = pod;
  const isFresh = !pod.isBooted;
  // A pod that runs goes on running, whatever becomes of those to be started now; recovery starts the rest.
  world.pods.change(id, { status: 'starting', wish: undefined });
  try {
    if (isFresh) await boot(world, world.pods.known(id), sandboxId);
    await startMembers(world, world.pods.known(id));
  } catch (error) {
    if (isFresh) await takeBack(world, pod);
    else world.pods.change(id, { status: 'running' });
    throw explain(error, id);
  }
  announcePod(world, 'start', world.pods.change(id, { status: 'running' }));
};

const takeBack = async (world: PodContext, before: Pod): Promise<void> => {
  const { sandboxId } = world.pods.known(before.id);
  const isStandalone = world.state.sandboxes.get(sandboxId)?.isStandalone ?? false;
  await haltMembers(world, before.id, 0);
  await settleAtRest(world, before.id, isStandalone);
  world.pods.change(before.id, { status: before.status === 'created' ? 'created' : 'stopped' });
};

const startMembers = async (world: PodContext, pod: Pod): Promise<void> => {
  const resting = pod.containers.filter(({ id }) => !isLive(world.records.find(id)?.state.status ?? 'dead'));
  const ids = resting.map(({ id }) => id);
  if (pod.spec.sharesProcesses) {
    // The others join the processes of the first.
    const [first, ...others] = ids;
    if (first !== undefined) await startOne(world, first);
    await startAll(world, others);
  } else await startAll(world, ids);
};

/** Side by side; all have had their try before the first failure is told. */
const startAll = async (world: PodContext, ids: readonly ContainerId[]): Promise<void> => {
  const results = await Promise.allSettled(ids.map(async (id) => startOne(world, id)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};

/** Fine when it runs or is gone. */
export const startOne = async (world: PodContext, id: ContainerId): Promise<void> => {
  try {
    await startContainer(world, id, {});
  } catch (error) {
    if (isEngineError(error, 'unchanged') || isEngineError(error, 'not-found')) return;
    throw error;
  }
};

const explain = (error: unknown, id: string): unknown => {
  if (!(error instanceof EngineError)) return error;
  if (error.code !== 'container.start-failed') return error;
  return engineError('pod.start-failed', { ...error.params, container: error.params['id'] ?? '', id }, error);
};
