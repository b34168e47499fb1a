import type { CpuUse, IoEntry, MemoryUse, ResourceSample } from '#engine/ports/resource-meter.ts';
import { parseNumber, parseTable, readText } from './files.ts';
import { readPids } from './read-v1.ts';

type Measured = Pick<ResourceSample, 'memory' | 'pids' | 'io'> & {
  readonly cpu: Omit<CpuUse, 'system' | 'online'>;
};

const MICROSECOND_NS = 1000;

export const readV2 = async (folder: string, hostMemory: number): Promise<Measured> => {
  const [cpu, memory, pids, io] = await Promise.all([
    readText(folder, 'cpu.stat'),
    readMemory(folder, hostMemory),
    readPids(folder),
    readText(folder, 'io.stat'),
  ]);
  return { cpu: parseCpu(cpu), memory, pids, io: { serviceBytes: parseIo(io) } };
};

const parseCpu = (text: string): Measured['cpu'] => {
  const counts = parseTable(text);
  const of = (name: string): number => counts[name] ?? 0;
  return {
    total: of('usage_usec') * MICROSECOND_NS,
    user: of('user_usec') * MICROSECOND_NS,
    kernel: of('system_usec') * MICROSECOND_NS,
    throttled: {
      periods: of('nr_periods'),
      throttledPeriods: of('nr_throttled'),
      time: of('throttled_usec') * MICROSECOND_NS,
    },
  };
};

const readMemory = async (folder: string, hostMemory: number): Promise<MemoryUse> => {
  const [usage = '', limit = '', events = '', details = ''] = await Promise.all(
    ['current', 'max', 'events', 'stat'].map((name) => readText(folder, `memory.${name}`)),
  );
  return {
    usageBytes: parseNumber(usage) ?? 0,
    failures: parseTable(events)['oom'] ?? 0,
    limitBytes: Math.min(hostMemory, parseNumber(limit) ?? hostMemory),
    details: parseTable(details),
  };
};

/** `8:0 rbytes=90 wbytes=0 rios=3 ...`. */
const parseIo = (text: string): IoEntry[] =>
  text.split('\n').flatMap((line) => {
    const device = /^(\d+):(\d+) /.exec(line);
    if (device === null) return [];
    const place = { major: Number(device[1]), minor: Number(device[2]) };
    const valueOf = (name: string): number => Number(new RegExp(` ${name}=(\\d+)`).exec(line)?.[1] ?? 0);
    return [
      { ...place, operation: 'read', value: valueOf('rbytes') },
      { ...place, operation: 'write', value: valueOf('wbytes') },
    ];
  });
