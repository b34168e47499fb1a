import type { Static, TObject } from 'typebox';
import type { DeviceRate, Resources } from '#domain/container/config.ts';
import type { RESOURCE_MEMBERS } from '#api/docker/schema/create-body.ts';

export type ResourceBody = Static<TObject<typeof RESOURCE_MEMBERS>>;

/** Kernel limits of old clients: shares outside 2..262144 were pulled inside (API < 1.19). */
const SHARES = { least: 2, most: 262_144 } as const;

/** Limits in the engine's words; -1 of swappiness and null of pids mean "not given" (docker-modern.md 3.3). */
export const decodeResources = (body: ResourceBody, clampShares: boolean): Resources => ({
  memoryBytes: body.Memory ?? 0,
  memorySwapBytes: body.MemorySwap ?? 0,
  memoryReservationBytes: body.MemoryReservation ?? 0,
  kernelMemoryBytes: body.KernelMemory ?? 0,
  memorySwappiness:
    body.MemorySwappiness === undefined || body.MemorySwappiness === -1 ? null : body.MemorySwappiness,
  oomKillDisable: body.OomKillDisable ?? false,
  ...decodeCpu(body, clampShares),
  ...decodeBlockIo(body),
  pidsLimit: Math.max(0, body.PidsLimit ?? 0),
});

type BlockLimits = Pick<
  Resources,
  'blkioWeight' | 'blkioWeightDevice' | 'blkioReadBps' | 'blkioWriteBps' | 'blkioReadIops' | 'blkioWriteIops'
>;

const decodeBlockIo = (body: ResourceBody): BlockLimits => {
  const weights = (body.BlkioWeightDevice ?? []).map((each) => ({
    path: each?.Path ?? '',
    weight: each?.Weight ?? 0,
  }));
  return {
    blkioWeight: body.BlkioWeight ?? 0,
    ...(weights.length === 0 ? {} : { blkioWeightDevice: weights }),
    ...decodeRates('blkioReadBps', body.BlkioDeviceReadBps),
    ...decodeRates('blkioWriteBps', body.BlkioDeviceWriteBps),
    ...decodeRates('blkioReadIops', body.BlkioDeviceReadIOps),
    ...decodeRates('blkioWriteIops', body.BlkioDeviceWriteIOps),
  };
};

/** No list and an empty one are the same: nothing was asked for. */
const decodeRates = (
  name: `blkio${'Read' | 'Write'}${'Bps' | 'Iops'}`,
  list: ResourceBody['BlkioDeviceReadBps'],
): Partial<Record<typeof name, readonly DeviceRate[]>> => {
  const rates = (list ?? []).map((each) => ({ path: each?.Path ?? '', rate: each?.Rate ?? 0 }));
  return rates.length === 0 ? {} : { [name]: rates };
};

type CpuLimits = Pick<
  Resources,
  | 'cpuShares'
  | 'cpuPeriod'
  | 'cpuQuota'
  | 'cpuRealtimePeriod'
  | 'cpuRealtimeRuntime'
  | 'nanoCpus'
  | 'cpusetCpus'
  | 'cpusetMems'
>;

const decodeCpu = (body: ResourceBody, clampShares: boolean): CpuLimits => ({
  cpuShares: clampShares ? clamp(body.CpuShares ?? 0) : (body.CpuShares ?? 0),
  cpuPeriod: body.CpuPeriod ?? 0,
  cpuQuota: body.CpuQuota ?? 0,
  cpuRealtimePeriod: body.CpuRealtimePeriod ?? 0,
  cpuRealtimeRuntime: body.CpuRealtimeRuntime ?? 0,
  nanoCpus: body.NanoCpus ?? 0,
  cpusetCpus: body.CpusetCpus ?? body.Cpuset ?? '',
  cpusetMems: body.CpusetMems ?? '',
});

const clamp = (shares: number): number =>
  shares <= 0 ? shares : Math.min(SHARES.most, Math.max(SHARES.least, shares));
