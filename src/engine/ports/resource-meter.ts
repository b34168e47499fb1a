import type { Instant } from '#domain/value/instant.ts';

/** What a container's processes use, as the kernel counts it. Changes nothing. */
export interface ResourceMeter {
  /** undefined when its process or its groups are gone. Numbers beyond 2^53 are rounded. */
  measure(subject: MeasuredContainer): Promise<ResourceSample | undefined>;
}

export type MeasuredContainer = {
  readonly id: string;
  /** Of its first process: leads to its control groups and its network. */
  readonly pid: number;
  /** Its interfaces are its own: not the host's, and it has some. */
  readonly network: boolean;
  /** Also what takes longer to find out: connections (where `network`), and names of block devices. */
  readonly detailed?: boolean;
};

export type ResourceSample = {
  readonly at: Instant;
  readonly cgroupVersion: 1 | 2;
  readonly cpu: CpuUse;
  readonly memory: MemoryUse;
  readonly pids: {
    readonly current: number;
    /** undefined = unlimited. */
    readonly limit?: number;
  };
  readonly io: IoUse;
  /** By interface, without loopback; undefined when none were asked for. */
  readonly interfaces?: Readonly<Record<string, InterfaceCounters>>;
  /** TCP connections of its network by their state; undefined when not asked for. */
  readonly connections?: { readonly ipv4: ConnectionCounts; readonly ipv6: ConnectionCounts };
};

/** States of TCP (RFC 9293, 3.3.2), in the kernel's order. */
export const TCP_STATES = [
  'established',
  'synSent',
  'synReceived',
  'finWait1',
  'finWait2',
  'timeWait',
  'closed',
  'closeWait',
  'lastAck',
  'listen',
  'closing',
] as const;

export type ConnectionCounts = Readonly<Record<(typeof TCP_STATES)[number], number>>;

/** Times in nanoseconds. */
export type CpuUse = {
  readonly total: number;
  readonly kernel: number;
  readonly user: number;
  /** Version 1 only. */
  readonly perCpu?: readonly number[];
  /** Of all processors of the host since boot, idle time included. */
  readonly system: number;
  readonly online: number;
  readonly throttled: { readonly periods: number; readonly throttledPeriods: number; readonly time: number };
};

export type MemoryUse = {
  readonly usageBytes: number;
  /** Version 1 only. */
  readonly peakBytes?: number;
  /** How often a limit was hit (version 2: how often it ended in an out-of-memory state). */
  readonly failures: number;
  /** The host's memory when there is no limit. */
  readonly limitBytes: number;
  /** `memory.stat` as the kernel has it. */
  readonly details: Readonly<Record<string, number>>;
};

export type IoEntry = {
  readonly major: number;
  readonly minor: number;
  /** `Read`, `Write`, ... (version 2: `read`, `write`); '' where the kernel does not tell them apart. */
  readonly operation: string;
  readonly value: number;
  /** `sda`; undefined when not asked for, or when this machine has no name for it. */
  readonly device?: string;
};

/** undefined where this kernel does not count. */
export type IoUse = {
  readonly [
    Name in
      | 'serviceBytes'
      | 'serviced'
      | 'queued'
      | 'serviceTime'
      | 'waitTime'
      | 'merged'
      | 'time'
      | 'sectors'
  ]?: readonly IoEntry[];
};

export type InterfaceCounters = {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receiveErrors: number;
  readonly receiveDropped: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sendErrors: number;
  readonly sendDropped: number;
};
