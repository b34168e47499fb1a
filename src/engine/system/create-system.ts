import { randomUUID } from 'node:crypto';
import type { Credentials } from '#domain/registry/credentials.ts';
import type { Container } from '#domain/container/container.ts';
import type { Instant } from '#domain/value/instant.ts';
import type { ImageOperations, SystemInfo, SystemOperations } from '#engine/engine.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import type { EngineWorld } from '#engine/world.ts';

type Needs = Pick<
  EngineWorld,
  'state' | 'machine' | 'settings' | 'snapshotter' | 'runtime' | 'events' | 'registry' | 'clock'
> & {
  readonly listContainers: () => readonly Container[];
  readonly images: Pick<ImageOperations, 'list'>;
};

const DAEMON_ID = 'daemon-id';
const STORED_LOGIN = 'stored-login';

/** The machine, the daemon and its news. */
export const createSystem = (world: Needs): SystemOperations => {
  const startedAt = world.clock.now();
  return {
    facts: () => world.machine.facts,
    info: () => describe(world, startedAt),
    events: (request) => world.events.subscribe(request),
    login: (credentials, signal) => world.registry.login(credentials, signal),
    storedLogin: () => readLogin(world.state.settings.get(STORED_LOGIN)),
    storeLogin: (credentials) => world.state.settings.set(STORED_LOGIN, JSON.stringify(credentials)),
  };
};

/** Made once, kept with the data. */
export const ensureDaemonId = ({ state }: Pick<EngineWorld, 'state'>): string => {
  const known = state.settings.get(DAEMON_ID);
  if (known !== undefined) return known;
  const fresh = randomUUID();
  state.settings.set(DAEMON_ID, fresh);
  return fresh;
};

const readLogin = (text: string | undefined): Credentials | undefined => {
  if (text === undefined) return undefined;
  // Written by `storeLogin` below the same key.
  return JSON.parse(text) as Credentials;
};

const describe = async (world: Needs, startedAt: Instant): Promise<SystemInfo> => {
  const { settings, snapshotter, machine } = world;
  return {
    daemonId: ensureDaemonId(world),
    version: settings.version,
    containers: count(world.listContainers()),
    images: world.images.list().length,
    snapshotter: snapshotter.driver,
    snapshotterStatus: await snapshotter.describe(),
    dataRoot: settings.dataRoot,
    runtime: world.runtime.name,
    runtimeParts: await world.runtime.describe(),
    eventListeners: world.events.listeners,
    fileDescriptors: machine.usage().fileDescriptors,
    registries: { insecure: settings.insecureRegistries, mirrors: settings.registryMirrors },
    logDriver: settings.defaultLogDriver,
    labels: settings.labels,
    debug: settings.debug,
    warnings: warningsOf(machine.facts),
    startedAt,
  };
};

/** One that waits for its restart counts as running, as on the wire. */
const count = (containers: readonly Container[]): SystemInfo['containers'] => {
  const running = containers.filter(
    ({ state }) => state.status === 'running' || state.status === 'restarting',
  ).length;
  const paused = containers.filter(({ state }) => state.status === 'paused').length;
  return { total: containers.length, running, paused, stopped: containers.length - running - paused };
};

const warningsOf = ({ cgroup, ipForward }: MachineFacts): string[] => [
  ...(cgroup.controllers.includes('memory') ? [] : ['WARNING: No memory limit support']),
  ...(cgroup.swapAccounting ? [] : ['WARNING: No swap limit support']),
  ...(cgroup.controllers.includes('cpu') ? [] : ['WARNING: No cpu shares support']),
  ...(cgroup.controllers.includes('cpuset') ? [] : ['WARNING: No cpuset support']),
  ...(cgroup.controllers.includes('pids') ? [] : ['WARNING: No pids limit support']),
  ...blockIoWarnings(cgroup),
  ...(ipForward ? [] : ['WARNING: IPv4 forwarding is disabled']),
];

/** Version 1 kernels have had no weights since 5.0, which is not worth a word. */
const blockIoWarnings = ({ version, blockIo }: MachineFacts['cgroup']): string[] =>
  BLOCK_IO.flatMap(([limit, first, second]) => {
    const name = version === 1 ? first : second;
    return blockIo[limit] || name === '' ? [] : [`WARNING: No ${name} support`];
  });

const BLOCK_IO = [
  ['weight', '', 'io.weight'],
  ['weightDevice', '', 'io.weight (per device)'],
  ['readBps', 'blkio throttle.read_bps_device', 'io.max (rbps)'],
  ['writeBps', 'blkio throttle.write_bps_device', 'io.max (wbps)'],
  ['readIops', 'blkio throttle.read_iops_device', 'io.max (riops)'],
  ['writeIops', 'blkio throttle.write_iops_device', 'io.max (wiops)'],
] as const;
