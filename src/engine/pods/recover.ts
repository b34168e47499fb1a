import { hasProcess, isLive } from '#domain/container/lifecycle.ts';
import { isPodLive } from '#domain/pod/lifecycle.ts';
import type { Pod } from '#domain/pod/pod.ts';
import { discard } from '#engine/containers/create/discard.ts';
import { podNetwork } from '#engine/networks/pod-network.ts';
import { remove } from '#engine/containers/life/remove.ts';
import { afterEnd } from './after-end.ts';
import { haltMembers, settleAtRest } from './bring-down.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { discardPod } from './discard.ts';
import { freezeMembers } from './pause.ts';
import { takeUpPorts } from './publish.ts';
import { raise } from './raise.ts';
import { finishRemoval } from './remove.ts';
import { startAgain } from './restart-later.ts';
import { programRules } from './rules.ts';

/** Before anything is started: the addresses of pods with a sandbox are taken. */
export const adoptPodAddresses = (world: PodContext): void => {
  const own = podNetwork(world.settings);
  for (const { endpoints, sandboxId } of world.pods.listAll()) {
    for (const { networkId, ipAddress } of endpoints) {
      const network = world.state.networks.get(networkId) ?? (own?.id === networkId ? own : undefined);
      if (network !== undefined && ipAddress !== '') world.addresses.adopt(network, sandboxId, ipAddress);
    }
  }
};

/**
 * Brings pods and machine together after the daemon was away; containers have been recovered before. Each pod is whole
 * afterwards, or gone. Says what it did.
 */
export const recoverPods = async (world: PodContext): Promise<string[]> => {
  const said: string[] = [];
  await matchMembers(world, said);
  for (const { id } of world.pods.listAll()) {
    const line = await world.locks.run(podLock(id), async () => {
      // It may have ended with its containers, or be gone, by now.
      const pod = world.pods.find(id);
      return pod === undefined ? undefined : recoverOne(world, pod);
    });
    if (line !== undefined) said.push(`pod ${id}: ${line}`);
  }
  for (const { id, state } of world.records.listAll())
    if (hasProcess(state.status)) world.attached.set(id, state.startedAt);
  await removeOrphans(world, said);
  for (const { id, status, isRestarting } of world.pods.list())
    if (status === 'stopped' && isRestarting === true) await restartAgain(world, id, said);
  for (const pod of world.pods.list()) afterEnd(world, pod);
  return said;
};

const recoverOne = async (world: PodContext, pod: Pod): Promise<string | undefined> => {
  const { id } = pod;
  switch (pod.status) {
    case 'creating': {
      await discardPod(world, id);
      return 'took back a create that was cut off';
    }
    case 'removing':
    case 'dead': {
      return finishRemovalAgain(world, id);
    }
    case 'starting': {
      return finishStart(world, pod);
    }
    case 'stopping': {
      await comeToRest(world, id, pod.wish?.keepSandbox);
      return (await goOn(world, world.pods.known(id))) ?? 'finished its stop';
    }
    case 'running':
    case 'paused': {
      return takeUp(world, pod);
    }
    default: {
      return goOn(world, pod);
    }
  }
};

/** Between its end and the start that was to follow the daemon went. */
const restartAgain = async (world: PodContext, id: string, said: string[]): Promise<void> => {
  try {
    if (await startAgain(world, id)) said.push(`pod ${id}: finished its restart`);
  } catch (error) {
    world.log('warn', 'a restart of a pod was cut off and could not be finished', { pod: id, error });
  }
};

/** What its end was for. */
const goOn = async (world: PodContext, pod: Pod): Promise<string | undefined> => {
  if (pod.wish?.next === 'remove') return finishRemovalAgain(world, pod.id);
  return pod.wish?.next === 'start' ? finishStart(world, pod) : undefined;
};

const finishRemovalAgain = async (world: PodContext, id: string): Promise<string> => {
  try {
    await finishRemoval(world, id);
    return 'finished its removal';
  } catch (error) {
    world.log('warn', 'a removal of a pod failed again', { pod: id, error });
    return 'its removal failed again';
  }
};

/** What had been booted goes on; what had not is made anew. */
const finishStart = async (world: PodContext, pod: Pod): Promise<string> => {
  const { id } = pod;
  const isStanding = pod.isBooted && (await stands(world, pod));
  try {
    if (isStanding) await rewire(world, pod);
    else await comeToRest(world, id, sandboxToKeep(world, pod) !== undefined);
    await raise(world, world.pods.known(id), isStanding ? undefined : sandboxToKeep(world, pod));
    return 'finished its start';
  } catch (error) {
    world.log('warn', 'a start of a pod that was cut off failed', { pod: id, error });
    if (isPodLive(world.pods.known(id).status)) await comeToRest(world, id);
    return 'its start was cut off and could not be finished';
  }
};

const sandboxToKeep = (world: PodContext, { sandboxId }: Pod): string | undefined =>
  world.state.sandboxes.get(sandboxId)?.isStandalone === true ? sandboxId : undefined;

const comeToRest = async (world: PodContext, id: string, keepSandbox = false): Promise<void> => {
  await haltMembers(world, id, 0);
  await settleAtRest(world, id, keepSandbox);
};

const takeUp = async (world: PodContext, pod: Pod): Promise<string | undefined> => {
  if (!(await stands(world, pod))) {
    await comeToRest(world, pod.id);
    return 'was lost';
  }
  await rewire(world, pod);
  if (pod.status === 'paused') await freezeMembers(world, pod);
  return undefined;
};

/** After a reboot there are no namespaces. */
const stands = async (world: PodContext, { sandboxId }: Pod): Promise<boolean> =>
  sandboxId !== '' && (await world.sandboxes.find(sandboxId)) !== undefined;

/** Ports and rules as the record has them, whichever change was cut off. */
const rewire = async (world: PodContext, pod: Pod): Promise<void> => {
  const { resources } = world.state.sandboxes.get(pod.sandboxId) ?? pod.spec;
  try {
    await world.groups.ensure(world.pods.groupOf(pod.sandboxId), resources);
    const published = await takeUpPorts(world, pod);
    const mappings = new Set(published.map(({ mapping }) => JSON.stringify(mapping)));
    const portMappings = pod.spec.portMappings.filter((one) => mappings.has(JSON.stringify(one)));
    world.pods.change(pod.id, { published, spec: { ...pod.spec, portMappings } });
    await programRules(world, world.pods.known(pod.id));
  } catch (error) {
    // It runs, and that matters more than its ports.
    world.log('error', 'a running pod could not be taken up whole', { pod: pod.id, error });
  }
};

/** A container belongs to a pod when both records say so; what one of them alone says was cut off. */
const matchMembers = async (world: PodContext, said: string[]): Promise<void> => {
  for (const container of world.records.listAll()) {
    const { id, podId, state } = container;
    if (podId === undefined) continue;
    const pod = world.pods.find(podId);
    const isKnown =
      pod !== undefined &&
      (pod.status === 'creating' ||
        pod.status === 'removing' ||
        pod.containers.some((member) => member.id === id));
    if (isKnown) continue;
    if (state.status === 'creating') await discard(world, container);
    else await remove(world, id, { force: true, volumes: true, link: false });
    said.push(`pod ${podId}: took back a container that was cut off`);
  }
  for (const pod of world.pods.listAll()) {
    const containers = pod.containers.filter(({ id }) => world.records.find(id) !== undefined);
    if (containers.length !== pod.containers.length) world.pods.change(pod.id, { containers });
    const hasLeftovers =
      !isPodLive(pod.status) && containers.some(({ id }) => isLive(world.records.known(id).state.status));
    if (hasLeftovers) await haltMembers(world, pod.id, 0);
  }
};

const GROUP_PREFIX = 'pod.';

/** What the machine has of pods and no record explains. */
const removeOrphans = async (world: PodContext, said: string[]): Promise<void> => {
  const standing = new Set(
    world.pods.listAll().flatMap(({ sandboxId }) => (sandboxId === '' ? [] : [sandboxId])),
  );
  for (const id of await world.sandboxes.list()) {
    if (/^[0-9a-f]{64}$/.test(id) || standing.has(id)) continue;
    await world.sandboxes.remove(id);
    said.push(`removed sandbox ${id}, which no pod uses`);
  }
  await settleSandboxes(world, standing);
  for (const name of await world.groups.list(world.settings.cgroupParent)) {
    const id = name.slice(GROUP_PREFIX.length);
    if (!name.startsWith(GROUP_PREFIX) || world.state.sandboxes.get(id) !== undefined) continue;
    await world.groups.remove(world.pods.groupOf(id));
  }
  for (const id of await world.podFolders.list())
    if (world.pods.find(id) === undefined) await world.podFolders.remove(id);
};

/** Those by themselves stay, with their limits; others belonged to a pod that has left them. */
const settleSandboxes = async (world: PodContext, standing: ReadonlySet<string>): Promise<void> => {
  for (const sandbox of world.state.sandboxes.list()) {
    if (standing.has(sandbox.id)) continue;
    if (!sandbox.isStandalone) {
      world.state.sandboxes.remove(sandbox.id);
      continue;
    }
    if (sandbox.podId !== '') world.state.sandboxes.put({ ...sandbox, podId: '' });
    await world.groups.ensure(world.pods.groupOf(sandbox.id), sandbox.resources);
  }
};
