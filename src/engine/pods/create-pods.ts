import { isPodLive } from '#domain/pod/lifecycle.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { PodOperations, SandboxOperations } from '#engine/engine.ts';
import { afterEnd } from './after-end.ts';
import { bringDown } from './bring-down.ts';
import { attachMember } from './attach.ts';
import {
  addPorts,
  addServices,
  deletePorts,
  deleteServices,
  setLabels,
  setServices,
  setWhiteLists,
} from './changes.ts';
import { addContainer, removeContainer, startContainer, stopContainer } from './containers.ts';
import type { PodContext } from './context.ts';
import { createPod } from './create/create.ts';
import { pausePod, unpausePod } from './pause.ts';
import type { PodRecords } from './pod-records.ts';
import { adoptPodAddresses, recoverPods } from './recover.ts';
import { removePod } from './remove.ts';
import { createSandbox, destroySandbox } from './sandboxes.ts';
import { startPod } from './start.ts';
import { podStats } from './stats.ts';
import { GRACE_SECONDS, killPod, restartPod, stopPod } from './stop.ts';

export type Pods = {
  readonly pods: PodOperations;
  readonly sandboxes: SandboxOperations;
  /** Before containers are recovered, and after. */
  adoptAddresses(): void;
  recover(): Promise<string[]>;
  /** Ends all that run: the daemon leaves and takes them along. */
  stopAll(): Promise<void>;
};

type Streams = Pick<PodContext, 'attach' | 'readLogs'>;

/** Binds every operation on pods and sandboxes to what it works with. */
export const createPods = (context: ContainerContext, records: PodRecords, streams: Streams): Pods => {
  const world: PodContext = {
    ...context,
    ...streams,
    pods: records,
    endings: new Map(),
    restarts: new Map(),
    attached: new Map(),
  };
  records.onEnded((pod) => afterEnd(world, pod));
  return {
    pods: podOperations(world),
    sandboxes: {
      create: async (spec) => createSandbox(world, spec),
      get: (id) => records.sandbox(id),
      list: () => world.state.sandboxes.list(),
      destroy: async (id) => destroySandbox(world, id),
    },
    adoptAddresses: () => adoptPodAddresses(world),
    recover: async () => recoverPods(world),
    stopAll: async () => stopAllPods(world),
  };
};

const stopAllPods = async (world: PodContext): Promise<void> => {
  const live = world.pods.list().filter(({ status }) => isPodLive(status));
  const ending = { timeoutSeconds: GRACE_SECONDS, keepSandbox: false };
  await Promise.all(live.map(async ({ id }) => bringDown(world, id, ending)));
};

const podOperations = (world: PodContext): PodOperations => ({
  create: async (spec, options) => createPod(world, spec, options),
  get: (ref) => world.pods.get(ref),
  inspect: (ref) => {
    const pod = world.pods.get(ref);
    return { pod, containers: pod.containers.map(({ id }) => world.records.known(id)) };
  },
  list: () => world.pods.list(),
  podOf: (ref) => {
    const { podId } = world.records.get(ref);
    return podId === undefined ? undefined : world.pods.find(podId);
  },
  start: async (ref, options) => startPod(world, ref, options),
  stop: async (ref, options) => stopPod(world, ref, options),
  restart: async (ref, options) => restartPod(world, ref, options),
  kill: async (ref, options) => killPod(world, ref, options),
  pause: async (ref) => pausePod(world, ref),
  unpause: async (ref) => unpausePod(world, ref),
  remove: async (ref, options) => removePod(world, ref, options),
  setLabels: async (ref, labels, replace) => setLabels(world, ref, labels, replace),
  addContainer: async (ref, spec) => addContainer(world, ref, spec),
  startContainer: async (ref) => startContainer(world, ref),
  stopContainer: async (ref, options) => stopContainer(world, ref, options),
  removeContainer: async (ref, options) => removeContainer(world, ref, options),
  attach: async (ref, options) => attachMember(world, ref, options),
  stats: async (ref) => podStats(world, ref),
  listPorts: (ref) => world.pods.get(ref).spec.portMappings,
  addPorts: async (ref, mappings) => addPorts(world, ref, mappings),
  deletePorts: async (ref, mappings) => deletePorts(world, ref, mappings),
  setWhiteLists: async (ref, lists) => setWhiteLists(world, ref, lists),
  listServices: (ref) => world.pods.get(ref).spec.services,
  addServices: async (ref, services) => addServices(world, ref, services),
  setServices: async (ref, services) => setServices(world, ref, services),
  deleteServices: async (ref, services) => deleteServices(world, ref, services),
});
