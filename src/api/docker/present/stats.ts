import type { Static } from 'typebox';
import type { ContainerStats, ResourceSample } from '#engine/engine.ts';
import type { NetworkCounters, StatsFrame } from '#api/docker/schema/stats.ts';
import { presentTime } from './time.ts';
import { whole } from './whole.ts';

type Frame = Static<typeof StatsFrame>;
type Counters = Static<typeof NetworkCounters>;
type Interfaces = NonNullable<ResourceSample['interfaces']>;

/** A sample on the wire; without one, zeros in the places where clients look. */
export const presentStats = ({ id, name, sample, previous }: ContainerStats): Frame => ({
  name: `/${name}`,
  id,
  read: presentTime(sample?.at ?? 0),
  preread: presentTime(previous?.at ?? 0),
  pids_stats: { ...sample?.pids },
  blkio_stats: presentBlocks(sample?.io),
  num_procs: 0,
  storage_stats: {},
  cpu_stats: presentCpu(sample),
  precpu_stats: presentCpu(previous),
  memory_stats: presentMemory(sample),
  ...presentNetworks(sample?.interfaces),
});

const presentCpu = (sample: ResourceSample | undefined): Frame['cpu_stats'] => {
  if (sample === undefined) {
    return {
      cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
      throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
    };
  }
  const { total, perCpu, kernel, user, system, online, throttled } = sample.cpu;
  return {
    cpu_usage: {
      total_usage: total,
      ...(perCpu === undefined ? {} : { percpu_usage: [...perCpu] }),
      usage_in_kernelmode: kernel,
      usage_in_usermode: user,
    },
    system_cpu_usage: system,
    online_cpus: online,
    throttling_data: {
      periods: throttled.periods,
      throttled_periods: throttled.throttledPeriods,
      throttled_time: throttled.time,
    },
  };
};

/** Zero members are left out, as other engines do. */
const presentMemory = (sample: ResourceSample | undefined): Frame['memory_stats'] => {
  if (sample === undefined) return {};
  const { usageBytes, peakBytes, details, failures, limitBytes } = sample.memory;
  return {
    usage: usageBytes,
    ...(peakBytes === undefined ? {} : { max_usage: peakBytes }),
    // Version 1 tells no limit by a number near 2^63.
    stats: Object.fromEntries(Object.entries(details).map(([name, value]) => [name, whole(value)])),
    ...(failures === 0 ? {} : { failcnt: failures }),
    limit: limitBytes,
  };
};

const presentBlocks = (io: ResourceSample['io'] = {}): Frame['blkio_stats'] => {
  const entries = (name: keyof typeof io): Frame['blkio_stats']['io_time_recursive'] =>
    io[name]?.map(({ major, minor, operation, value }) => ({ major, minor, op: operation, value })) ?? null;
  return {
    io_service_bytes_recursive: entries('serviceBytes'),
    io_serviced_recursive: entries('serviced'),
    io_queue_recursive: entries('queued'),
    io_service_time_recursive: entries('serviceTime'),
    io_wait_time_recursive: entries('waitTime'),
    io_merged_recursive: entries('merged'),
    io_time_recursive: entries('time'),
    sectors_recursive: entries('sectors'),
  };
};

const presentNetworks = (interfaces: Interfaces | undefined): Pick<Frame, 'networks' | 'network'> => {
  const shown = Object.entries(interfaces ?? {}).map(
    ([name, counts]) => [name, presentCounters(counts)] as const,
  );
  if (shown.length === 0) return {};
  return {
    networks: Object.fromEntries(shown),
    network: shown.map(([, counts]) => counts).reduce(sum),
  };
};

const presentCounters = (counts: Interfaces[string]): Counters => ({
  rx_bytes: counts.receivedBytes,
  rx_packets: counts.receivedPackets,
  rx_errors: counts.receiveErrors,
  rx_dropped: counts.receiveDropped,
  tx_bytes: counts.sentBytes,
  tx_packets: counts.sentPackets,
  tx_errors: counts.sendErrors,
  tx_dropped: counts.sendDropped,
});

const sum = (one: Counters, two: Counters): Counters => ({
  rx_bytes: one.rx_bytes + two.rx_bytes,
  rx_packets: one.rx_packets + two.rx_packets,
  rx_errors: one.rx_errors + two.rx_errors,
  rx_dropped: one.rx_dropped + two.rx_dropped,
  tx_bytes: one.tx_bytes + two.tx_bytes,
  tx_packets: one.tx_packets + two.tx_packets,
  tx_errors: one.tx_errors + two.tx_errors,
  tx_dropped: one.tx_dropped + two.tx_dropped,
});
