import type { DeviceRate, Resources } from '#domain/container/config.ts';
import type { RuntimeDeviceRule, RuntimeLinux } from '#formats/oci-runtime/spec.ts';
import type { HostDevice } from '#engine/ports/container-files.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';

/** A device that is limited, by the path it was named by. */
export type BlockNode = Pick<HostDevice, 'path' | 'major' | 'minor'>;

type RuntimeResources = NonNullable<RuntimeLinux['resources']>;

const DEFAULT_PERIOD_US = 100_000;
/** Of the kernel. */
const LEAST_QUOTA_US = 1000;
const NANO = 1e9;

/** Limits in the runtime's words; unset ones are left out so that the parent's apply. */
export const buildResources = (
  limits: Resources,
  rules: readonly RuntimeDeviceRule[],
  facts: Pick<MachineFacts, 'cgroup'>,
  nodes: readonly BlockNode[] = [],
): RuntimeResources => {
  const memory = memoryOf(limits, facts);
  const cpu = cpuOf(limits);
  const blockIO = blockIoOf(limits, nodes);
  return {
    devices: rules,
    ...(Object.keys(memory).length === 0 ? {} : { memory }),
    ...(Object.keys(cpu).length === 0 ? {} : { cpu }),
    ...(limits.pidsLimit > 0 ? { pids: { limit: limits.pidsLimit } } : {}),
    ...(Object.keys(blockIO).length === 0 ? {} : { blockIO }),
  };
};

type BlockIo = NonNullable<RuntimeResources['blockIO']>;

const blockIoOf = (limits: Resources, nodes: readonly BlockNode[]): BlockIo => {
  const rates = (name: string, list: readonly DeviceRate[] = []): Partial<BlockIo> =>
    list.length === 0 ? {} : { [name]: list.map(({ path, rate }) => ({ ...numbersOf(nodes, path), rate })) };
  const { blkioWeightDevice: weights = [] } = limits;
  return {
    ...(limits.blkioWeight > 0 ? { weight: limits.blkioWeight } : {}),
    ...(weights.length === 0
      ? {}
      : { weightDevice: weights.map(({ path, weight }) => ({ ...numbersOf(nodes, path), weight })) }),
    ...rates('throttleReadBpsDevice', limits.blkioReadBps),
    ...rates('throttleWriteBpsDevice', limits.blkioWriteBps),
    ...rates('throttleReadIOPSDevice', limits.blkioReadIops),
    ...rates('throttleWriteIOPSDevice', limits.blkioWriteIops),
  };
};

const numbersOf = (nodes: readonly BlockNode[], path: string): { major: number; minor: number } => {
  const node = nodes.find((each) => each.path === path);
  return { major: node?.major ?? 0, minor: node?.minor ?? 0 };
};

const memoryOf = (
  limits: Resources,
  facts: Pick<MachineFacts, 'cgroup'>,
): NonNullable<RuntimeResources['memory']> => ({
  ...(limits.memoryBytes > 0 ? { limit: limits.memoryBytes } : {}),
  ...(limits.memoryReservationBytes > 0 ? { reservation: limits.memoryReservationBytes } : {}),
  ...(facts.cgroup.swapAccounting && limits.memoryBytes > 0 ? { swap: swapOf(limits) } : {}),
  ...(limits.memorySwappiness === null || facts.cgroup.version === 2
    ? {}
    : { swappiness: limits.memorySwappiness }),
  ...(limits.oomKillDisable && facts.cgroup.oomControl ? { disableOOMKiller: true } : {}),
});

/** Memory alone means as much swap again. */
const swapOf = (limits: Resources): number =>
  limits.memorySwapBytes === 0 ? 2 * limits.memoryBytes : limits.memorySwapBytes;

const cpuOf = (limits: Resources): NonNullable<RuntimeResources['cpu']> => ({
  ...(limits.cpuShares > 0 ? { shares: limits.cpuShares } : {}),
  ...quotaOf(limits),
  ...(limits.cpuRealtimePeriod > 0 ? { realtimePeriod: limits.cpuRealtimePeriod } : {}),
  ...(limits.cpuRealtimeRuntime > 0 ? { realtimeRuntime: limits.cpuRealtimeRuntime } : {}),
  ...(limits.cpusetCpus === '' ? {} : { cpus: limits.cpusetCpus }),
  ...(limits.cpusetMems === '' ? {} : { mems: limits.cpusetMems }),
});

const quotaOf = (limits: Resources): { quota?: number; period?: number } => {
  if (limits.nanoCpus > 0) {
    return {
      period: DEFAULT_PERIOD_US,
      quota: Math.max(LEAST_QUOTA_US, Math.floor((limits.nanoCpus * DEFAULT_PERIOD_US) / NANO)),
    };
  }
  return {
    // Less than none is no limit, as is nothing.
    ...(limits.cpuQuota > 0 ? { quota: limits.cpuQuota } : {}),
    ...(limits.cpuPeriod > 0 ? { period: limits.cpuPeriod } : {}),
  };
};
