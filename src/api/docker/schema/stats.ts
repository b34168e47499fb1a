import { Type } from '#api/dialect/type.ts';
import { since, until } from '#api/dialect/lifetime.ts';
import { internal, Nullable } from '#api/dialect/schema.ts';

const Count = Type.Number({ minimum: 0 });
const OptionalCount = Type.Optional(Count);

export const TopQuery = Type.Object(
  { ps_args: Type.Optional(Type.String(since('1.4'))) },
  { $id: 'TopQuery' },
);

/** Values by column: `Titles` names the columns. */
export const TopAnswer = Type.Object(
  {
    Titles: Type.Array(Type.String()),
    Processes: Nullable(Type.Array(Type.Array(Type.String()))),
  },
  { $id: 'TopAnswer' },
);

export const StatsQuery = Type.Object(
  {
    stream: Type.Boolean({ default: true }),
    'one-shot': Type.Boolean(since('1.41')),
    /** A stream says nothing while the container does not run. */
    silentWhileStopped: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'StatsQuery' },
);

const CpuStats = Type.Object({
  cpu_usage: Type.Object({
    total_usage: Count,
    percpu_usage: Type.Optional(Type.Array(Count)),
    usage_in_kernelmode: Count,
    usage_in_usermode: Count,
  }),
  system_cpu_usage: OptionalCount,
  online_cpus: Type.Optional(Type.Number({ minimum: 0, ...since('1.27') })),
  throttling_data: Type.Object({ periods: Count, throttled_periods: Count, throttled_time: Count }),
});

export const NetworkCounters = Type.Object({
  rx_bytes: Count,
  rx_packets: Count,
  rx_errors: Count,
  rx_dropped: Count,
  tx_bytes: Count,
  tx_packets: Count,
  tx_errors: Count,
  tx_dropped: Count,
});

/** null where nothing was counted; `[]` where nothing was done. */
const BlockEntries = Nullable(
  Type.Array(Type.Object({ major: Count, minor: Count, op: Type.String(), value: Count })),
);

/** One sample; a container that does not run has only zeros (docker-shapes.md 18, docker-modern.md 3.4). */
export const StatsFrame = Type.Object(
  {
    name: Type.Optional(Type.String(since('1.21'))),
    id: Type.Optional(Type.String(since('1.21'))),
    read: Type.String(),
    preread: Type.String(since('1.24')),
    pids_stats: Type.Object({ current: OptionalCount, limit: OptionalCount }, since('1.23')),
    blkio_stats: Type.Object({
      io_service_bytes_recursive: BlockEntries,
      io_serviced_recursive: BlockEntries,
      io_queue_recursive: BlockEntries,
      io_service_time_recursive: BlockEntries,
      io_wait_time_recursive: BlockEntries,
      io_merged_recursive: BlockEntries,
      io_time_recursive: BlockEntries,
      sectors_recursive: BlockEntries,
    }),
    num_procs: Type.Number({ minimum: 0, ...since('1.24') }),
    storage_stats: Type.Object({}, since('1.24')),
    cpu_stats: CpuStats,
    precpu_stats: Type.With(CpuStats, since('1.19')),
    memory_stats: Type.Object({
      usage: OptionalCount,
      max_usage: OptionalCount,
      stats: Type.Optional(Type.Record(Type.String(), Count)),
      failcnt: OptionalCount,
      limit: OptionalCount,
    }),
    networks: Type.Optional(Type.Record(Type.String(), NetworkCounters, since('1.21'))),
    network: Type.Optional(Type.With(NetworkCounters, until('1.21'))),
  },
  { $id: 'StatsFrame' },
);
