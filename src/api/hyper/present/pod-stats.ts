import type { Static } from 'typebox';
import type { PodStats as EngineStats, ResourceSample } from '#engine/engine.ts';
import type { PodStats } from '#api/hyper/schema/pod-stats.ts';

type Wire = Static<typeof PodStats>;
type Use = Omit<Wire, 'container_stats'>;
type Entries = Wire['block']['io_time_recursive'];

/** What `GET /pod/stats` says (hyperd-api 3.5); what does not run uses nothing. */
export const presentPodStats = ({ at, total, containers }: EngineStats): Wire => {
  const timestamp = new Date(at).toISOString();
  return {
    ...presentUse(total, timestamp),
    container_stats: containers.map(({ id, sample }) => ({ id, ...presentUse(sample, timestamp) })),
  };
};

const presentUse = (sample: ResourceSample | undefined, timestamp: string): Use => ({
  cpu: presentCpu(sample),
  block: presentBlock(sample),
  memory: presentMemory(sample),
  network: {
    interfaces: presentInterfaces(sample),
    tcp: presentConnections(sample?.connections?.ipv4),
    tcp6: presentConnections(sample?.connections?.ipv6),
  },
  filesystem: [],
  timestamp,
});

const presentCpu = (sample: ResourceSample | undefined): Use['cpu'] => ({
  usage: {
    total: sample?.cpu.total ?? 0,
    per_cpu_usage: [...(sample?.cpu.perCpu ?? [])],
    user: sample?.cpu.user ?? 0,
    system: sample?.cpu.kernel ?? 0,
  },
  load_average: 0,
});

const presentMemory = (sample: ResourceSample | undefined): Use['memory'] => {
  const usage = sample?.memory.usageBytes ?? 0;
  const details = sample?.memory.details ?? {};
  const idle = details['total_inactive_file'] ?? details['inactive_file'] ?? 0;
  const faults = (prefix: string) => ({
    pgfault: details[`${prefix}pgfault`] ?? details['pgfault'] ?? 0,
    pgmajfault: details[`${prefix}pgmajfault`] ?? details['pgmajfault'] ?? 0,
  });
  return {
    usage,
    working_set: Math.max(0, usage - idle),
    failcnt: sample?.memory.failures ?? 0,
    container_data: faults(''),
    hierarchical_data: faults('total_'),
  };
};

const presentBlock = (sample: ResourceSample | undefined): Use['block'] => {
  const io = sample?.io;
  return {
    io_service_bytes_recursive: presentEntries(io?.serviceBytes),
    io_serviced_recursive: presentEntries(io?.serviced),
    io_queue_recursive: presentEntries(io?.queued),
    io_service_time_recursive: presentEntries(io?.serviceTime),
    io_wait_time_recursive: presentEntries(io?.waitTime),
    io_merged_recursive: presentEntries(io?.merged),
    io_time_recursive: presentEntries(io?.time),
    sectors_recursive: presentEntries(io?.sectors),
  };
};

type IoEntries = NonNullable<ResourceSample['io']['serviceBytes']>;

/** One for each device, its operations together. */
const presentEntries = (entries: IoEntries = []): Entries => {
  const devices = new Map<string, Entries[number]>();
  for (const { major, minor, operation, value, device: name } of entries) {
    const key = `${major}:${minor}`;
    const device = devices.get(key) ?? { name: name ?? key, type: '', source: '', major, minor, stat: {} };
    device.stat[operation === '' ? 'Count' : operation] = value;
    devices.set(key, device);
  }
  return [...devices.values()];
};

const presentInterfaces = (sample: ResourceSample | undefined): Use['network']['interfaces'] =>
  Object.entries(sample?.interfaces ?? {}).map(([name, counters]) => ({
    name,
    rx_bytes: counters.receivedBytes,
    rx_packets: counters.receivedPackets,
    rx_errors: counters.receiveErrors,
    rx_dropped: counters.receiveDropped,
    tx_bytes: counters.sentBytes,
    tx_packets: counters.sentPackets,
    tx_errors: counters.sendErrors,
    tx_dropped: counters.sendDropped,
  }));

type Counts = NonNullable<ResourceSample['connections']>['ipv4'];

/** The words of clients, zeros too. */
const presentConnections = (counts: Counts | undefined): Record<string, number> => ({
  Established: counts?.established ?? 0,
  SynSent: counts?.synSent ?? 0,
  SynRecv: counts?.synReceived ?? 0,
  FinWait1: counts?.finWait1 ?? 0,
  FinWait2: counts?.finWait2 ?? 0,
  TimeWait: counts?.timeWait ?? 0,
  Close: counts?.closed ?? 0,
  CloseWait: counts?.closeWait ?? 0,
  LastAck: counts?.lastAck ?? 0,
  Listen: counts?.listen ?? 0,
  Closing: counts?.closing ?? 0,
});
