import type { CpuUse, IoUse, MemoryUse, ResourceSample } from '#engine/ports/resource-meter.ts';
import { parseBlockEntries, parseNumber, parseTable, readText } from './files.ts';

/** Folder of the container in the hierarchy of a controller. */
export type FolderOf = (controller: string) => string | undefined;

/** `USER_HZ`: the unit of `cpuacct.stat`, a constant of the kernel's interface. */
const TICK_NS = 10_000_000;

type Measured = Pick<ResourceSample, 'memory' | 'pids' | 'io'> & {
  readonly cpu: Omit<CpuUse, 'system' | 'online'>;
};

export const readV1 = async (folderOf: FolderOf, hostMemory: number): Promise<Measured> => {
  const [cpu, memory, pids, io] = await Promise.all([
    readCpu(folderOf),
    readMemory(folderOf('memory'), hostMemory),
    readPids(folderOf('pids')),
    readIo(folderOf('blkio')),
  ]);
  return { cpu, memory, pids, io };
};

const readCpu = async (folderOf: FolderOf): Promise<Measured['cpu']> => {
  const account = folderOf('cpuacct');
  const [usage, perCpu, parts, throttling] = await Promise.all([
    readText(account, 'cpuacct.usage'),
    readText(account, 'cpuacct.usage_percpu'),
    readText(account, 'cpuacct.stat'),
    readText(folderOf('cpu'), 'cpu.stat'),
  ]);
  const { user = 0, system = 0 } = parseTable(parts);
  const throttled = parseTable(throttling);
  return {
    total: parseNumber(usage) ?? 0,
    user: user * TICK_NS,
    kernel: system * TICK_NS,
    perCpu: perCpu.trim().split(/\s+/).filter(Boolean).map(Number),
    throttled: {
      periods: throttled['nr_periods'] ?? 0,
      throttledPeriods: throttled['nr_throttled'] ?? 0,
      time: throttled['throttled_time'] ?? 0,
    },
  };
};

const readMemory = async (folder: string | undefined, hostMemory: number): Promise<MemoryUse> => {
  const [usage, peak, failures, limit, details] = await Promise.all(
    ['usage_in_bytes', 'max_usage_in_bytes', 'failcnt', 'limit_in_bytes', 'stat'].map((name) =>
      readText(folder, `memory.${name}`),
    ),
  );
  return {
    usageBytes: parseNumber(usage ?? '') ?? 0,
    peakBytes: parseNumber(peak ?? '') ?? 0,
    failures: parseNumber(failures ?? '') ?? 0,
    limitBytes: Math.min(hostMemory, parseNumber(limit ?? '') ?? hostMemory),
    details: parseTable(details ?? ''),
  };
};

export const readPids = async (folder: string | undefined): Promise<ResourceSample['pids']> => {
  const [current, most] = await Promise.all([readText(folder, 'pids.current'), readText(folder, 'pids.max')]);
  const limit = parseNumber(most);
  return { current: parseNumber(current) ?? 0, ...(limit === undefined ? {} : { limit }) };
};

/** The elevator's own counters, and, for the first two, what the throttling layer counts when there is no such elevator. */
const IO_FILES = {
  serviceBytes: ['blkio.io_service_bytes_recursive', 'blkio.throttle.io_service_bytes_recursive'],
  serviced: ['blkio.io_serviced_recursive', 'blkio.throttle.io_serviced_recursive'],
  queued: ['blkio.io_queued_recursive'],
  serviceTime: ['blkio.io_service_time_recursive'],
  waitTime: ['blkio.io_wait_time_recursive'],
  merged: ['blkio.io_merged_recursive'],
  time: ['blkio.time_recursive'],
  sectors: ['blkio.sectors_recursive'],
} as const satisfies Record<keyof IoUse, readonly string[]>;

const NAMES = [
  'serviceBytes',
  'serviced',
  'queued',
  'serviceTime',
  'waitTime',
  'merged',
  'time',
  'sectors',
] as const satisfies readonly (keyof IoUse)[];

const readIo = async (folder: string | undefined): Promise<IoUse> => {
  const io: { -readonly [Name in keyof IoUse]: IoUse[Name] } = {};
  await Promise.all(
    NAMES.map(async (name) => {
      const texts = await Promise.all(IO_FILES[name].map((file) => readText(folder, file)));
      io[name] = texts.map(parseBlockEntries).find((entries) => entries.length > 0) ?? [];
    }),
  );
  return io;
};
