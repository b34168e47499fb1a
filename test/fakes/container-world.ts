import type { ContainerConfig, HostConfig } from '#domain/container/config.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { EngineEvent } from '#domain/event/event.ts';
import type { Image } from '#domain/image/image.ts';
import { assembleEngine } from '#engine/assemble-engine.ts';
import type { EngineParts, RunningEngine } from '#engine/assemble-engine.ts';
import { NO_EXECS, NO_STREAMS } from '#engine/containers/hooks.ts';
import type { CreateContainer, Engine, ImageOperations } from '#engine/engine.ts';
import type { StateStore } from '#engine/ports/state-store.ts';
import type { World } from '#engine/world.ts';
import { FakeClock } from './fake-clock.ts';
import { FACTS, FakeMachine } from './fake-machine.ts';
import { FakeRuntime } from './fake-runtime.ts';
import { MemoryStateStore } from './memory-state-store.ts';

/** An engine on a machine that is all in memory, with one image called `base`. */
export type ContainerTestWorld = {
  readonly engine: Engine;
  readonly running: RunningEngine;
  readonly runtime: FakeRuntime;
  readonly machine: FakeMachine;
  readonly clock: FakeClock;
  readonly state: StateStore;
  /** Everything that happened, as `action` of the container events or `type action` of others. */
  readonly actions: string[];
  readonly events: EngineEvent[];
  /** A new daemon on the same machine and records, as after a kill -9. */
  reborn(): ContainerTestWorld;
};

type Machinery = Pick<ContainerTestWorld, 'runtime' | 'machine' | 'clock' | 'state'>;

export const containerWorld = (parts: Partial<EngineParts> = {}): ContainerTestWorld => {
  const clock = new FakeClock();
  const machinery = {
    clock,
    runtime: new FakeRuntime(() => clock.now()),
    machine: new FakeMachine(),
    state: new MemoryStateStore(),
  };
  return onMachine(machinery, parts);
};

const onMachine = (machinery: Machinery, parts: Partial<EngineParts>): ContainerTestWorld => {
  const events: EngineEvent[] = [];
  const actions: string[] = [];
  const running = assembleEngine(worldOf(machinery), {
    images: () => IMAGES,
    streams: () => ({ ...NO_STREAMS, attach: missing, logs: missing }),
    execs: () => ({
      ...NO_EXECS,
      create: missing,
      get: missing,
      permitStart: missing,
      startDetached: missing,
      start: missing,
      resize: missing,
    }),
    ...parts,
  });
  const { engine } = running;
  void collect(engine, (event) => {
    events.push(event);
    actions.push(event.type === 'container' ? event.action : `${event.type} ${event.action}`);
  });
  return { ...machinery, engine, running, events, actions, reborn: () => onMachine(machinery, parts) };
};

const collect = async (engine: Engine, take: (event: EngineEvent) => void): Promise<void> => {
  const { signal } = new AbortController();
  for await (const event of engine.system.events({ matches: () => true, signal })) take(event);
};

const missing = (): never => {
  throw new Error('not part of this test');
};

const BASE: Image = {
  id: 'sha256:base',
  parentId: '',
  createdAt: 0,
  author: '',
  comment: '',
  architecture: 'amd64',
  variant: '',
  os: 'linux',
  osVersion: '',
  dockerVersion: '',
  containerId: '',
  config: {
    user: '',
    exposedPorts: [],
    env: ['PATH=/bin'],
    entrypoint: null,
    cmd: ['sh'],
    volumes: [],
    workingDir: '',
    labels: {},
    onBuild: [],
  },
  layers: [],
  history: [],
  sizeBytes: 0,
  lastTaggedAt: 0,
};

const IMAGES: ImageOperations = {
  list: () => [],
  get: (ref) => {
    if (ref !== 'base') throw engineError('image.not-found', { ref });
    return { image: BASE, tags: [], digests: [], containers: 0 };
  },
  tag: missing,
  prune: missing,
  remove: missing,
  pull: missing,
  importLayer: missing,
  load: missing,
  save: missing,
  history: missing,
  cachedChild: missing,
  insert: missing,
  addLayer: missing,
};

const worldOf = ({ runtime, machine, clock, state }: Machinery): World => ({
  state,
  runtime,
  clock,
  snapshotter: machine.snapshotter,
  sandboxes: machine.sandboxes,
  network: machine.network,
  files: machine.files,
  volumes: machine.volumes,
  podFolders: machine.podFolders,
  groups: machine.groups,
  logs: machine.logs,
  logTargets: { open: missing, openJournal: missing },
  meter: { measure: async () => undefined },
  processes: { list: missing, select: missing },
  machine: { facts: FACTS, usage: () => ({ fileDescriptors: 3 }) },
  content: { ...NOT_USED.content, recover: async () => {} },
  digests: NOT_USED.digests,
  archive: NOT_USED.archive,
  registry: NOT_USED.registry,
  settings: {
    version: '0.0.0',
    dataRoot: '/data',
    tag: 'test',
    bridge: { name: 'br-test', cidr: '172.30.0.1/16', mtu: 1500 },
    cgroupParent: '/test',
    labels: [],
    insecureRegistries: [],
    registryMirrors: [],
    defaultLogDriver: 'json-file',
    defaultLogOptions: {},
    initByDefault: false,
    debug: false,
  },
  log: () => {},
});

const NOT_USED: Pick<World, 'archive' | 'content' | 'digests' | 'registry'> = {
  archive: {
    changes: missing,
    diffTar: missing,
    exportTar: missing,
    stat: missing,
    read: missing,
    readFile: missing,
    write: missing,
  },
  content: {
    stat: missing,
    read: missing,
    pathOf: missing,
    stream: missing,
    write: missing,
    partialSize: missing,
    ingest: missing,
    remove: missing,
    list: missing,
    recover: missing,
  },
  digests: { diffIdOf: missing, uncompressed: missing },
  registry: { manifest: missing, blob: missing, tags: missing, login: missing },
};

export const CONFIG: ContainerConfig = {
  hostname: '',
  domainname: '',
  user: '',
  attachStdin: false,
  attachStdout: false,
  attachStderr: false,
  exposedPorts: [],
  tty: false,
  openStdin: false,
  stdinOnce: false,
  env: [],
  cmd: null,
  image: 'base',
  volumes: [],
  workingDir: '',
  entrypoint: null,
  networkDisabled: false,
  macAddress: '',
  onBuild: [],
  labels: {},
};

export const HOST: HostConfig = {
  binds: [],
  containerIdFile: '',
  resources: {
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
  },
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
  networkMode: 'default',
  ipcMode: '',
  pidMode: '',
  utsMode: '',
  cgroupnsMode: '',
  usernsMode: '',
  capAdd: [],
  capDrop: [],
  groupAdd: [],
  restartPolicy: { name: '', maximumRetryCount: 0 },
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

/** A create request: `cmd` says how the process behaves (see FakeRuntime). */
export const request = (
  cmd: string,
  change: { name?: string; config?: Partial<ContainerConfig>; host?: Partial<HostConfig> } = {},
): CreateContainer => ({
  name: change.name ?? '',
  config: { ...CONFIG, cmd: [cmd], ...change.config },
  host: { ...HOST, ...change.host },
  endpoints: {},
  platform: '',
});
