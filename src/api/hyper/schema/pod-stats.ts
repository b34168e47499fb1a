import { Type } from '#api/dialect/type.ts';

const Count = () => Type.Integer();

const BlockEntries = () =>
  Type.Array(
    Type.Object({
      name: Type.String(),
      type: Type.String(),
      source: Type.String(),
      major: Count(),
      minor: Count(),
      stat: Type.Record(Type.String(), Count()),
    }),
  );

const Cpu = Type.Object({
  usage: Type.Object({ total: Count(), per_cpu_usage: Type.Array(Count()), user: Count(), system: Count() }),
  load_average: Count(),
});

const Block = Type.Object({
  io_service_bytes_recursive: BlockEntries(),
  io_serviced_recursive: BlockEntries(),
  io_queue_recursive: BlockEntries(),
  io_service_time_recursive: BlockEntries(),
  io_wait_time_recursive: BlockEntries(),
  io_merged_recursive: BlockEntries(),
  io_time_recursive: BlockEntries(),
  sectors_recursive: BlockEntries(),
});

const Faults = Type.Object({ pgfault: Count(), pgmajfault: Count() });

const Memory = Type.Object({
  usage: Count(),
  working_set: Count(),
  failcnt: Count(),
  container_data: Faults,
  hierarchical_data: Faults,
});

const Network = Type.Object({
  interfaces: Type.Array(
    Type.Object({
      name: Type.String(),
      rx_bytes: Count(),
      rx_packets: Count(),
      rx_errors: Count(),
      rx_dropped: Count(),
      tx_bytes: Count(),
      tx_packets: Count(),
      tx_errors: Count(),
      tx_dropped: Count(),
    }),
  ),
  tcp: Type.Record(Type.String(), Count()),
  tcp6: Type.Record(Type.String(), Count()),
});

const use = {
  cpu: Cpu,
  block: Block,
  memory: Memory,
  network: Network,
  /** Roots are folders of one file system of the host: none is a pod's own. */
  filesystem: Type.Array(Type.Object({})),
  timestamp: Type.String(),
};

/** hyperd-api 3.5: zero values are there. */
export const PodStats = Type.Object(
  { ...use, container_stats: Type.Array(Type.Object({ id: Type.String(), ...use })) },
  { $id: 'PodStats' },
);
