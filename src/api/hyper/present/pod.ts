import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { PodVolume } from '#domain/pod/spec.ts';
import type { PodView } from '#engine/engine.ts';
import { presentVmId } from '#api/hyper/lookup/pods.ts';
import type { PodInfo } from '#api/hyper/schema/pod.ts';
import { phaseOf, presentContainer, presentContainerStatus } from './container.ts';
import { presentSeconds } from './time.ts';
import { filled, withoutZeros } from './zero.ts';

/** The same in every release, and in paths that say nothing else. */
const API_VERSION = '1.17';

const MEGABYTE = 1024 * 1024;

/** What `GET /pod/info` says (hyperd-api 3.3). */
export const presentPod = ({ pod, containers }: PodView, hostAddress: string): Static<typeof PodInfo> => {
  const { cpus, memoryBytes } = pod.spec.requested ?? pod.spec.resources;
  return {
    ...withoutZeros({
      podID: pod.id,
      kind: 'Pod',
      apiVersion: API_VERSION,
      vm: presentVmId(pod.sandboxId),
      createdAt: presentSeconds(pod.createdAt),
    }),
    spec: withoutZeros({
      volumes: pod.spec.volumes.map(presentVolume),
      containers: containers.map((one) => presentContainer(one, pod)),
      labels: filled(pod.spec.labels),
      vcpu: Math.floor(cpus),
      memory: Math.floor(memoryBytes / MEGABYTE),
    }),
    status: withoutZeros({
      phase: podPhase(pod, containers),
      hostIP: hostAddress,
      podIP: pod.endpoints.map(({ ipAddress, ipPrefixLength }) => `${ipAddress}/${ipPrefixLength}`),
      containerStatus: containers.map(presentContainerStatus),
    }),
    podName: pod.name,
  };
};

/** A volume of the pod's own is a folder of the host too. */
const presentVolume = ({ name, source }: PodVolume) => withoutZeros({ name, source, driver: 'vfs' });

type Words = { readonly listed: string; readonly phase: string };

/** hyperd-api 4.1. */
const WORDS: Readonly<Record<Exclude<Pod['status'], 'stopped'>, Words>> = {
  creating: { listed: 'pending', phase: 'Pending' },
  created: { listed: 'pending', phase: 'Pending' },
  starting: { listed: 'pending', phase: 'Pending' },
  running: { listed: 'running', phase: 'Running' },
  paused: { listed: 'paused', phase: 'Paused' },
  stopping: { listed: 'stopping', phase: 'Running' },
  removing: { listed: 'stopping', phase: 'Running' },
  dead: { listed: 'stopping', phase: 'Failed' },
};

const podPhase = ({ status }: Pod, containers: readonly Container[]): string =>
  status === 'stopped' ? (hasFailed(containers) ? 'Failed' : 'Succeeded') : WORDS[status].phase;

/** One word for pods at rest, however they ended. */
export const presentPodStatus = ({ status }: Pod): string =>
  status === 'stopped' ? 'failed' : WORDS[status].listed;

export const hasFailed = (containers: readonly Container[]): boolean =>
  containers.some((container) => phaseOf(container) === 'failed');
