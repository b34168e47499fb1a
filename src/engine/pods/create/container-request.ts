import type { ContainerConfig, HostConfig, MountRequest, Resources } from '#domain/container/config.ts';
import type { PodContainerSpec, PodResources, PodSpec } from '#domain/pod/spec.ts';
import type { CreateContainer } from '#engine/engine.ts';

/** Every container of a pod has it, with the pod's id. */
const POD_LABEL = 'io.gantry.pod';

const NO_LIMITS: Resources = {
  memoryBytes: 0,
  memorySwapBytes: 0,
  memoryReservationBytes: 0,
  kernelMemoryBytes: 0,
  memorySwappiness: null,
  oomKillDisable: false,
  cpuShares: 0,
  cpuPeriod: 0,
  cpuQuota: 0,
  cpuRealtimePeriod: 0,
  cpuRealtimeRuntime: 0,
  nanoCpus: 0,
  cpusetCpus: '',
  cpusetMems: '',
  blkioWeight: 0,
  pidsLimit: 0,
};

const PLAIN_HOST: HostConfig = {
  binds: [],
  containerIdFile: '',
  resources: NO_LIMITS,
  privileged: false,
  portBindings: {},
  links: [],
  publishAllPorts: false,
  dns: [],
  dnsOptions: [],
  dnsSearch: [],
  extraHosts: [],
  volumesFrom: [],
  devices: [],
  deviceCgroupRules: [],
  deviceRequests: [],
  // Refused clashes with the pod's network are not the client's: the membership puts the pod's in.
  networkMode: 'none',
  ipcMode: '',
  pidMode: '',
  utsMode: '',
  cgroupnsMode: '',
  usernsMode: '',
  capAdd: [],
  capDrop: [],
  groupAdd: [],
  restartPolicy: { name: 'no', maximumRetryCount: 0 },
  securityOpt: [],
  readonlyRootfs: false,
  ulimits: [],
  logConfig: { type: '', config: {} },
  cgroupParent: '',
  consoleSize: [0, 0],
  volumeDriver: '',
  autoRemove: false,
  init: null,
  mounts: [],
  tmpfs: {},
  shmSizeBytes: 0,
  sysctls: {},
  oomScoreAdj: 0,
  storageOpt: {},
  runtime: '',
  isolation: '',
  annotations: {},
  maskedPaths: null,
  readonlyPaths: null,
};

export type PodOfContainer = { readonly id: string; readonly spec: Pick<PodSpec, 'hostname' | 'log'> };

/** A container of a pod as the engine makes any container. */
export const containerRequest = (
  pod: PodOfContainer,
  name: string,
  spec: PodContainerSpec,
  mounts: readonly MountRequest[],
): CreateContainer => ({
  name,
  config: configOf(pod, spec),
  host: {
    ...PLAIN_HOST,
    resources: { ...NO_LIMITS, ...limitsOf(spec.resources) },
    privileged: spec.privileged ?? false,
    groupAdd: spec.additionalGroups,
    restartPolicy: spec.restartPolicy,
    readonlyRootfs: spec.readOnlyRoot,
    ulimits: spec.ulimits,
    logConfig: spec.log === undefined || spec.log.type === '' ? pod.spec.log : spec.log,
    mounts,
  },
  endpoints: {},
  platform: '',
});

const configOf = (pod: PodOfContainer, spec: PodContainerSpec): ContainerConfig => ({
  hostname: pod.spec.hostname,
  domainname: '',
  user: spec.user,
  attachStdin: false,
  attachStdout: true,
  attachStderr: true,
  exposedPorts: [],
  tty: spec.tty,
  openStdin: spec.openStdin,
  stdinOnce: spec.stdinOnce,
  env: spec.env,
  cmd: spec.command,
  image: spec.image,
  volumes: [],
  workingDir: spec.workingDir,
  entrypoint: spec.entrypoint,
  networkDisabled: false,
  macAddress: '',
  onBuild: [],
  labels: { ...spec.labels, [POD_LABEL]: pod.id },
  ...(spec.stopSignal === undefined ? {} : { stopSignal: spec.stopSignal }),
  ...(spec.stopTimeoutSeconds === undefined ? {} : { stopTimeoutSeconds: spec.stopTimeoutSeconds }),
});

const limitsOf = (resources: PodResources | undefined): Partial<Resources> =>
  resources === undefined
    ? {}
    : { memoryBytes: resources.memoryBytes, nanoCpus: Math.round(resources.cpus * 1e9) };
