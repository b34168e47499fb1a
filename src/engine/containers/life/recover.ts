import { atRest, withState } from '#domain/container/exit-state.ts';
import type { Container } from '#domain/container/container.ts';
import { hasProcess } from '#domain/container/lifecycle.ts';
import { ownSandboxId, shortId } from '#domain/container/names.ts';
import { shouldStartWithDaemon } from '#domain/container/restart-policy.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { NEVER } from '#domain/value/instant.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { RuntimeFinding } from '#engine/ports/container-runtime.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { finishRemovals } from '#engine/volumes/remove.ts';
import { discard } from '#engine/containers/create/discard.ts';
import { watchHealth, withHealth } from '#engine/containers/health/watch-health.ts';
import { end } from './end.ts';
import { fulfilWishes } from './fulfil.ts';
import { removeLocked } from './remove.ts';
import { restartLater } from './restart-later.ts';
import { start } from './start.ts';

/** Exit code of a container whose end nobody saw (a reboot): as if killed. */
const LOST_EXIT_CODE = 137;

/**
 * Brings records and machine together after the daemon was away, in both directions, and says what it
 * did (docs/recovery.md). Runs once, before the first request; what the policies start comes after it.
 */
export const recover = async (world: ContainerContext): Promise<string[]> => {
  const said: string[] = [];
  const believed = world.records.listAll().filter(({ state }) => hasProcess(state.status));
  const findings = await world.runtime.recover(believed.map(({ id }) => id));
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  adoptAddresses(world, believed);
  for (const { id, mounts } of believed) world.volumeMounts.adopt(id, mounts);
  for (const container of world.records.listAll()) {
    const line = await recoverOne(world, container, byId.get(container.id));
    if (line !== undefined) said.push(`container ${shortId(container.id)}: ${line}`);
  }
  said.push(...(await removeOrphans(world, findings)));
  said.push(...fulfilWishes(world));
  startByPolicy(world);
  return said;
};

/** Before anything is started: addresses of running containers are taken. */
const adoptAddresses = (world: ContainerContext, running: readonly Container[]): void => {
  for (const { id, endpoints } of running) {
    for (const { networkId, ipAddress } of Object.values(endpoints)) {
      const network = world.state.networks.get(networkId);
      if (network !== undefined && ipAddress !== '') world.addresses.adopt(network, id, ipAddress);
    }
  }
};

const recoverOne = async (
  world: ContainerContext,
  container: Container,
  finding: RuntimeFinding | undefined,
): Promise<string | undefined> => {
  switch (container.state.status) {
    case 'creating': {
      await discard(world, container);
      return 'took back a create that was cut off';
    }
    case 'removing': {
      return finishRemoval(world, container, finding);
    }
    case 'running':
    case 'paused': {
      return recoverLive(world, container, finding);
    }
    case 'restarting': {
      if (finding !== undefined) await world.runtime.delete(container.id);
      restartLater(world, container.id, 0);
      return undefined;
    }
    default: {
      return recoverResting(world, container, finding);
    }
  }
};

const finishRemoval = async (
  world: ContainerContext,
  container: Container,
  finding: RuntimeFinding | undefined,
): Promise<string> => {
  if (finding !== undefined) await world.runtime.delete(container.id);
  try {
    await removeLocked(world, container, { volumes: volumesToo(container) });
    return 'finished its removal';
  } catch (error) {
    world.log('warn', 'a removal that was cut off failed again', { container: container.id, error });
    return 'its removal failed again';
  }
};

/** As the wish says; a container that removes itself takes them along. */
const volumesToo = ({ wish, host }: Container): boolean =>
  wish?.kind === 'remove' ? wish.volumes : host.autoRemove;

/** The record says it does not run: what the runtime still has of it is left over from a start or an end cut off. */
const recoverResting = async (
  world: ContainerContext,
  container: Container,
  finding: RuntimeFinding | undefined,
): Promise<string | undefined> => {
  if (finding !== undefined && finding.state !== 'lost') await world.runtime.delete(container.id);
  const isForgotten =
    container.host.autoRemove &&
    container.wish?.kind !== 'restart' &&
    container.state.status === 'exited' &&
    container.state.startedAt !== NEVER;
  if (isForgotten) return finishRemoval(world, container, undefined);
  return finding === undefined || finding.state === 'lost'
    ? undefined
    : 'removed what a cut-off start had left';
};

const recoverLive = async (
  world: ContainerContext,
  container: Container,
  finding: RuntimeFinding | undefined,
): Promise<string | undefined> => {
  const { id } = container;
  switch (finding?.state) {
    case 'running': {
      return resume(world, container, 'running', finding);
    }
    case 'paused': {
      return container.state.status === 'paused'
        ? resume(world, container, 'paused', finding)
        : goOn(world, container, finding);
    }
    case 'created': {
      return finishStart(world, container, finding);
    }
    case 'exited': {
      await end(world, finding.exit);
      return `ended with ${finding.exit.exitCode} while no daemon watched`;
    }
    default: {
      await end(world, { id, exitCode: LOST_EXIT_CODE, finishedAt: world.clock.now(), oomKilled: false });
      return 'was lost';
    }
  }
};

/** What the runtime has a process of. */
type FoundProcess = Exclude<RuntimeFinding, { readonly state: 'exited' | 'lost' }>;

/** Frozen without a word in the record, by a commit or a pause that was cut off: nobody else would thaw it. */
const goOn = async (
  world: ContainerContext,
  container: Container,
  finding: FoundProcess,
): Promise<string> => {
  await world.runtime.resume(container.id);
  const trouble = await resume(world, container, 'running', finding);
  return trouble ?? 'let it go on: it had been frozen by something that was cut off';
};

/** It went on without us: take its streams and ports up again. */
const resume = async (
  world: ContainerContext,
  container: Container,
  state: 'running' | 'paused',
  finding: FoundProcess,
): Promise<string | undefined> => {
  const { pid, startTime } = finding.process;
  const alive = withState(container, { status: state, pid, processStartTime: startTime });
  const found = world.records.put(state === 'running' ? withHealth(alive) : alive, 'anyhow');
  if (state === 'running') watchHealth(world, found);
  try {
    await Promise.all([world.streams.afterRecover(found), republish(world, found)]);
    return undefined;
  } catch (error) {
    // It has ended meanwhile: that is told once recovery is over.
    if (isEngineError(error, 'not-found')) return undefined;
    // It runs, and that matters more than its streams or ports.
    world.log('error', 'a running container could not be taken up whole', { container: found.id, error });
    return 'runs, but its streams or ports could not be taken up';
  }
};

const republish = async (
  { network }: ContainerContext,
  { id, endpoints, published }: Container,
): Promise<void> => {
  const [first] = Object.values(endpoints);
  if (published.length > 0 && first !== undefined) await network.republish(id, first.ipAddress, published);
};

/** The daemon died between "running" in the record and the process's first step: let it take that step. */
const finishStart = async (
  world: ContainerContext,
  container: Container,
  finding: FoundProcess,
): Promise<string> => {
  try {
    await resume(world, container, 'running', finding);
    await world.runtime.start(container.id);
    announce(world, 'start', world.records.known(container.id));
    return 'finished its start';
  } catch (error) {
    world.log('warn', 'a start that was cut off failed', { container: container.id, error });
    await world.runtime.delete(container.id);
    await world.volumeMounts.release(container.id);
    world.records.put(
      atRest(container, { status: 'exited', exitCode: LOST_EXIT_CODE, finishedAt: world.clock.now() }),
      'anyhow',
    );
    return 'its start was cut off and could not be finished';
  }
};

/** What the machine has of ours and no record explains. */
const removeOrphans = async (
  world: ContainerContext,
  findings: readonly RuntimeFinding[],
): Promise<string[]> => {
  const said: string[] = [];
  for (const { id, state } of findings) {
    if (world.records.find(id) !== undefined || state === 'lost') continue;
    await world.runtime.delete(id);
    said.push(`removed container ${shortId(id)} of the runtime, of which there is no record`);
  }
  const live = world.records.listAll().filter(({ state }) => hasProcess(state.status));
  said.push(...(await removeOrphanRoots(world, new Set(live.map(({ id }) => id)))));
  said.push(...(await removeOrphanSandboxes(world, live)));
  said.push(...(await finishRemovals(world)), ...(await world.volumeMounts.reconcile()));
  const endpoints = live.flatMap((container) =>
    Object.values(container.endpoints).map(({ endpointId }) => endpointId),
  );
  const ofPods = world.pods.network();
  said.push(
    ...(await world.network.reconcile({
      endpoints: [...endpoints, ...ofPods.endpoints],
      owners: [...live.map(({ id }) => id), ...ofPods.owners],
    })),
  );
  return said;
};

const removeOrphanRoots = async (
  world: ContainerContext,
  live: ReadonlySet<ContainerId>,
): Promise<string[]> => {
  const said: string[] = [];
  for (const { id, mounted } of await world.snapshotter.listRoots()) {
    if (world.records.find(id) === undefined) {
      await world.snapshotter.removeRoot(id);
      said.push(`removed root ${shortId(id)}, of which there is no record`);
    } else if (mounted && !live.has(id)) await world.snapshotter.unmountRoot(id);
  }
  return said;
};

/** Sandboxes of others than containers (pods) bear ids that are not a container's, and are not ours to judge. */
const removeOrphanSandboxes = async (
  world: ContainerContext,
  live: readonly Container[],
): Promise<string[]> => {
  const used = new Set(live.flatMap(({ id, sandboxId }) => [ownSandboxId(id), sandboxId]));
  const unused = (await world.sandboxes.list()).filter((id) => !used.has(id) && /^[0-9a-f]{64}$/.test(id));
  await Promise.all(unused.map((id) => world.sandboxes.remove(id)));
  return unused.map((id) => `removed sandbox ${shortId(id)}, which no running container uses`);
};

/** In the background: the daemon serves meanwhile. */
const startByPolicy = (world: ContainerContext): void => {
  for (const container of world.records.list().toReversed()) {
    const { id, state, host, restartCount } = container;
    if (world.pods.isAtRest(container) || container.wish !== undefined) continue;
    const run = { exitCode: state.exitCode, stopRequested: state.stopRequested, failures: restartCount + 1 };
    if (state.status !== 'exited' || !shouldStartWithDaemon(host.restartPolicy, run)) continue;
    void start(world, id, {}).catch((error: unknown) => {
      world.log('warn', 'a container was not started with the daemon', { container: id, error });
    });
  }
};
