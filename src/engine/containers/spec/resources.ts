import type { Resources } from '#domain/container/config.ts';
import type { RuntimeDeviceRule, RuntimeLinux } from '#formats/oci-runtime/spec.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';

type RuntimeResources = NonNullable<RuntimeLinux['resources']>;

const DEFAULT_PERIOD_US = 100_000;
const NANO = 1e9;

/** Limits in the runtime's words; unset ones are left out so that the parent's apply. */
export const buildResources = (
  limits: Resources,
  rules: readonly RuntimeDeviceRule[],
  facts: Pick<MachineFacts, 'cgroup'>,
): RuntimeResources => {
  const memory = memoryOf(limits, facts);
  const cpu = cpuOf(limits);
  return {
    devices: rules,
    ...(Object.keys(memory).length === 0 ? {} : { memory }),
    ...(Object.keys(cpu).length === 0 ? {} : { cpu }),
    ...(limits.pidsLimit > 0 ? { pids: { limit: limits.pidsLimit } } : {}),
  };
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
      quota: Math.round((limits.nanoCpus / NANO) * DEFAULT_PERIOD_US),
    };
  }
  return {
    // Less than none is no limit, as is nothing.
    ...(limits.cpuQuota > 0 ? { quota: limits.cpuQuota } : {}),
    ...(limits.cpuPeriod > 0 ? { period: limits.cpuPeriod } : {}),
  };
};
