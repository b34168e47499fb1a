import { hasProcess } from '#domain/container/lifecycle.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerStats, PodStats } from '#engine/engine.ts';
import type { IoEntry, IoUse, ResourceSample } from '#engine/ports/resource-meter.ts';
import type { PodContext } from './context.ts';

/** What the pod's containers use, each and together. */
export const podStats = async (world: PodContext, ref: string): Promise<PodStats> => {
  const pod = world.pods.get(ref);
  if (pod.status !== 'running' && pod.status !== 'paused')
    throw engineError('pod.not-running', { id: pod.id, status: pod.status });
  const containers = await Promise.all(
    pod.containers.map(async ({ id }, index): Promise<ContainerStats> => {
      const container = world.records.known(id);
      const { pid, status } = container.state;
      const sample = hasProcess(status)
        ? await world.meter.measure({
            id,
            pid,
            network: isFirstRunning(world, pod.containers, index),
            detailed: true,
          })
        : undefined;
      return { id, name: container.name, ...(sample === undefined ? {} : { sample }) };
    }),
  );
  const samples = containers.flatMap(({ sample }) => (sample === undefined ? [] : [sample]));
  const [first, ...others] = samples;
  const total = first === undefined ? undefined : others.reduce(sum, first);
  return { at: world.clock.now(), ...(total === undefined ? {} : { total }), containers };
};

/** The pod's interfaces and connections are counted once. */
const isFirstRunning = (
  world: PodContext,
  members: readonly { readonly id: string }[],
  index: number,
): boolean =>
  members.findIndex(({ id }) => hasProcess(world.records.find(id)?.state.status ?? 'dead')) === index;

const sum = (one: ResourceSample, other: ResourceSample): ResourceSample => {
  const interfaces = one.interfaces ?? other.interfaces;
  const connections = one.connections ?? other.connections;
  const perCpu = sumLists(one.cpu.perCpu, other.cpu.perCpu);
  return {
    ...one,
    cpu: {
      ...one.cpu,
      total: one.cpu.total + other.cpu.total,
      kernel: one.cpu.kernel + other.cpu.kernel,
      user: one.cpu.user + other.cpu.user,
      ...(perCpu === undefined ? {} : { perCpu }),
      throttled: sumTables(one.cpu.throttled, other.cpu.throttled),
    },
    memory: {
      ...one.memory,
      usageBytes: one.memory.usageBytes + other.memory.usageBytes,
      failures: one.memory.failures + other.memory.failures,
      limitBytes: Math.max(one.memory.limitBytes, other.memory.limitBytes),
      details: sumTables(one.memory.details, other.memory.details),
    },
    pids: { current: one.pids.current + other.pids.current },
    io: sumIo(one.io, other.io),
    ...(interfaces === undefined ? {} : { interfaces }),
    ...(connections === undefined ? {} : { connections }),
  };
};

const sumLists = (
  one: readonly number[] | undefined,
  other: readonly number[] | undefined,
): number[] | undefined =>
  one === undefined || other === undefined
    ? undefined
    : one.map((value, index) => value + (other[index] ?? 0));

const sumTables = <Table extends Readonly<Record<string, number>>>(one: Table, other: Table): Table => {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  const entries = [...keys].map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)] as const);
  // The same keys as in either.
  return Object.fromEntries(entries) as Table;
};

const sumIo = (one: IoUse, other: IoUse): IoUse => {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof IoUse>;
  return Object.fromEntries(
    [...names].map((name) => [name, sumEntries([...(one[name] ?? []), ...(other[name] ?? [])])]),
  );
};

const sumEntries = (entries: readonly IoEntry[]): IoEntry[] => {
  const sums = new Map<string, IoEntry>();
  for (const entry of entries) {
    const key = `${entry.major}:${entry.minor} ${entry.operation}`;
    sums.set(key, { ...entry, value: entry.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
};
