import type { Container } from '#domain/container/container.ts';
import { withoutWish, withWish } from '#domain/container/life/wish.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { Resources } from '#domain/container/config.ts';
import { verifyMinimums, verifyResources } from '#domain/container/verify-resources.ts';
import { verifyRestartPolicy } from '#domain/container/verify-settings.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { findBlockNodes } from '#engine/containers/launch/devices.ts';
import { buildResources } from '#engine/containers/spec/resources.ts';
import type { UpdateContainer } from '#engine/engine.ts';

/**
 * Other limits and another restart policy, for what runs and for later starts (docker-modern.md 3.8). The record
 * is written first and taken back when the kernel refuses.
 */
export const update = (world: ContainerContext, ref: string, change: UpdateContainer): Promise<string[]> => {
  const id = world.records.idOf(ref);
  return world.locks.run(id, async () => {
    const before = world.records.known(id, ref);
    const { container, warnings } = changed(world, before, change);
    const wished = world.records.put(withWish(container, container.wish ?? { kind: 'limit' }));
    try {
      await apply(world, wished, change.resources);
      world.records.put(withoutWish(wished, 'limit'), 'soon');
    } catch (error) {
      world.records.put(withoutWish({ ...(world.records.find(id) ?? before), host: before.host }, 'limit'));
      throw error;
    }
    announce(world, 'update', container);
    return warnings;
  });
};

const changed = (
  { machine }: ContainerContext,
  before: Container,
  { resources: wanted, restartPolicy }: UpdateContainer,
): { container: Container; warnings: string[] } => {
  const { host, state } = before;
  if (state.status === 'dead' || state.status === 'removing')
    throw engineError('container.dead', { id: before.id, name: before.name });
  const leastMemoryBytes = before.habits?.leastMemoryBytes;
  verifyMinimums(wanted, leastMemoryBytes);
  verifyTogether(before, wanted);
  if (restartPolicy !== undefined) verifyRestartPolicy(restartPolicy);
  if (restartPolicy !== undefined && host.autoRemove && !['', 'no'].includes(restartPolicy.name))
    throw engineError('update.restart-of-auto-remove', { id: before.id });
  const { facts } = machine;
  const limits = verifyResources(
    { ...host.resources, ...wanted },
    {
      ...facts.cgroup,
      cgroupVersion: facts.cgroup.version,
      cpus: facts.cpus,
      leastMemoryBytes,
      ...(facts.memoryNodes === undefined ? {} : { memoryNodes: facts.memoryNodes }),
    },
  );
  const policy = restartPolicy ?? host.restartPolicy;
  return {
    container: { ...before, host: { ...host, resources: limits.resources, restartPolicy: policy } },
    warnings: [...limits.warnings],
  };
};

type Limit = 'nanoCpus' | 'cpuPeriod' | 'cpuQuota';

const EXCLUSIVE = [
  ['nanoCpus', 'cpuPeriod', 'update.nano-and-period'],
  ['nanoCpus', 'cpuQuota', 'update.nano-and-quota'],
  ['cpuPeriod', 'nanoCpus', 'update.period-and-nano'],
  ['cpuQuota', 'nanoCpus', 'update.quota-and-nano'],
] as const satisfies readonly (readonly [wanted: Limit, present: Limit, code: string])[];

/** What is set already may forbid what is new. */
const verifyTogether = ({ id, host: { resources: has } }: Container, wants: Partial<Resources>): void => {
  for (const [wanted, present, code] of EXCLUSIVE)
    if ((wants[wanted] ?? 0) > 0 && has[present] > 0) throw engineError(code, { id });
  if (wants.memoryBytes === undefined || wants.memorySwapBytes !== undefined || has.memorySwapBytes < 0)
    return;
  if (wants.memoryBytes > has.memorySwapBytes) throw engineError('update.memory-above-swap', { id });
};

/** Gives a running container the limits that its record has: an update was cut off. */
export const applyLimits = async (world: ContainerContext, id: ContainerId): Promise<void> =>
  world.locks.run(id, async () => {
    const container = world.records.find(id);
    if (container?.wish?.kind !== 'limit') return;
    await apply(world, container, container.host.resources);
    world.records.put(withoutWish(container), 'anyhow');
  });

const apply = async (
  world: ContainerContext,
  { id, state, host }: Container,
  resources: UpdateContainer['resources'],
): Promise<void> => {
  if (Object.keys(resources).length === 0 || (state.status !== 'running' && state.status !== 'paused'))
    return;
  const nodes = await findBlockNodes(world, host.resources);
  const { devices: _unchanged, ...limits } = buildResources(host.resources, [], world.machine.facts, nodes);
  const freesPids = resources.pidsLimit !== undefined && host.resources.pidsLimit <= 0;
  const freesCpu = resources.cpuQuota !== undefined && host.resources.cpuQuota < 0;
  await world.runtime.update(id, {
    ...limits,
    ...(freesPids ? { pids: { limit: -1 } } : {}),
    ...(freesCpu ? { cpu: { ...limits.cpu, quota: -1 } } : {}),
  });
};
