import { engineError } from '#domain/error/catalogue.ts';
import type { Resources } from './config.ts';
import { verifyCpuset } from './cpuset.ts';

/** Today's engines refuse less than this; older ones refused less than that: see `Habits`. */
export const MINIMUM_MEMORY_BYTES = 6 * 1024 * 1024;

/** What the kernel can limit. */
export type LimitSupport = {
  readonly cpus: number;
  readonly memoryNodes?: number;
  readonly controllers: readonly string[];
  readonly swapAccounting: boolean;
  readonly oomControl: boolean;
  readonly blockIo: Readonly<
    Record<'weight' | 'weightDevice' | 'readBps' | 'writeBps' | 'readIops' | 'writeIops', boolean>
  >;
  readonly cgroupVersion: 1 | 2;
  /** Default: `MINIMUM_MEMORY_BYTES`. */
  readonly leastMemoryBytes?: number | undefined;
};

type Checked = { readonly resources: Resources; readonly warnings: readonly string[] };

/**
 * Refuses limits that make no sense and drops those that this kernel lacks, with Docker's warnings
 * (clients print them). docker-semantics.md 2.2, docker-modern.md 3.3.
 */
export const verifyResources = (wanted: Resources, support: LimitSupport): Checked => {
  verifyMemory(wanted, support.leastMemoryBytes);
  verifyCpu(wanted, support.cpus);
  verifyCpuset(wanted, support);
  if (wanted.blkioWeight !== 0 && (wanted.blkioWeight < 10 || wanted.blkioWeight > 1000))
    throw engineError('blkio.weight');
  let resources = wanted;
  const warnings: string[] = [];
  for (const { isMissing, drop, warning } of LIMITS) {
    if (!isMissing(resources, support)) continue;
    resources = { ...resources, ...drop };
    warnings.push(warning);
  }
  if (resources.oomKillDisable && resources.memoryBytes === 0) warnings.push(UNBOUNDED);
  return { resources: withSwap(resources, support), warnings };
};

const verifyMemory = (wanted: Resources, least?: number): void => {
  const { memoryBytes, memorySwapBytes, memorySwappiness, memoryReservationBytes } = wanted;
  verifyMinimums(wanted, least);
  if (memorySwapBytes > 0 && memoryBytes === 0) throw engineError('memory.swap-without-memory');
  if (memorySwapBytes > 0 && memorySwapBytes < memoryBytes) throw engineError('memory.swap-below-memory');
  if (memorySwappiness !== null && (memorySwappiness < -1 || memorySwappiness > 100)) {
    throw engineError('memory.swappiness', { value: memorySwappiness });
  }
  if (memoryBytes > 0 && memoryBytes < memoryReservationBytes)
    throw engineError('memory.reservation-above-memory');
};

/** What an update asks for is looked at alone before it meets what is there. */
export const verifyMinimums = (wanted: Partial<Resources>, least = MINIMUM_MEMORY_BYTES): void => {
  verifyMinimum(wanted.memoryBytes ?? 0, 'memory.minimum', least);
  verifyMinimum(wanted.memoryReservationBytes ?? 0, 'memory.reservation-minimum', least);
};

const verifyMinimum = (
  memory: number,
  code: 'memory.minimum' | 'memory.reservation-minimum',
  minimum: number,
): void => {
  if (memory === 0 || memory >= minimum) return;
  throw engineError(code, { memory, minimum });
};

const verifyCpu = (wanted: Resources, cpus: number): void => {
  if (wanted.nanoCpus !== 0) {
    if (wanted.cpuPeriod !== 0) throw engineError('cpu.nano-and-period');
    if (wanted.cpuQuota !== 0) throw engineError('cpu.nano-and-quota');
    // Less than the kernel's least is rounded up to it.
    if (wanted.nanoCpus < 0 || wanted.nanoCpus > cpus * 1e9) throw engineError('cpu.nano-range', { cpus });
  }
  if (wanted.cpuPeriod !== 0 && (wanted.cpuPeriod < 1000 || wanted.cpuPeriod > 1_000_000))
    throw engineError('cpu.period');
  if (wanted.cpuQuota > 0 && wanted.cpuQuota < 1000) throw engineError('cpu.quota');
};

type Limit = {
  readonly isMissing: (resources: Resources, support: LimitSupport) => boolean;
  readonly drop: Partial<Resources>;
  readonly warning: string;
};

const lacks = (support: LimitSupport, controller: string): boolean =>
  !support.controllers.includes(controller);

const NOT_MOUNTED = 'or the cgroup is not mounted.';
const UNBOUNDED =
  'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.';

const LIMITS: readonly Limit[] = [
  {
    isMissing: (r, s) => r.memoryBytes > 0 && lacks(s, 'memory'),
    drop: { memoryBytes: 0, memorySwapBytes: 0 },
    warning: `Your kernel does not support memory limit capabilities ${NOT_MOUNTED} Limitation discarded.`,
  },
  {
    isMissing: (r, s) => r.memoryBytes > 0 && r.memorySwapBytes !== 0 && !s.swapAccounting,
    drop: { memorySwapBytes: -1 },
    warning: `Your kernel does not support swap limit capabilities ${NOT_MOUNTED} Memory limited without swap.`,
  },
  {
    isMissing: (r, s) => isSet(r.memorySwappiness) && (lacks(s, 'memory') || s.cgroupVersion === 2),
    drop: { memorySwappiness: null },
    warning: `Your kernel does not support memory swappiness capabilities ${NOT_MOUNTED} Memory swappiness discarded.`,
  },
  {
    isMissing: (r, s) => r.memoryReservationBytes > 0 && lacks(s, 'memory'),
    drop: { memoryReservationBytes: 0 },
    warning: `Your kernel does not support memory soft limit capabilities ${NOT_MOUNTED} Limitation discarded.`,
  },
  {
    isMissing: (r) => r.kernelMemoryBytes > 0,
    drop: { kernelMemoryBytes: 0 },
    warning: `Your kernel does not support kernel memory limit capabilities ${NOT_MOUNTED} Limitation discarded.`,
  },
  {
    isMissing: (r, s) => r.oomKillDisable && !s.oomControl,
    drop: { oomKillDisable: false },
    warning: 'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
  },
  {
    isMissing: (r, s) => r.pidsLimit > 0 && lacks(s, 'pids'),
    drop: { pidsLimit: 0 },
    warning: `Your kernel does not support PIDs limit capabilities ${NOT_MOUNTED} PIDs limit discarded.`,
  },
  {
    isMissing: (r, s) => r.cpuShares > 0 && lacks(s, 'cpu'),
    drop: { cpuShares: 0 },
    warning: `Your kernel does not support CPU shares ${NOT_MOUNTED} Shares discarded.`,
  },
  {
    isMissing: (r, s) => (r.cpuPeriod > 0 || r.cpuQuota > 0 || r.nanoCpus > 0) && lacks(s, 'cpu'),
    drop: { cpuPeriod: 0, cpuQuota: 0, nanoCpus: 0 },
    warning: `Your kernel does not support CPU CFS scheduler ${NOT_MOUNTED} Period and quota discarded.`,
  },
  {
    isMissing: (r, s) => (r.cpusetCpus !== '' || r.cpusetMems !== '') && lacks(s, 'cpuset'),
    drop: { cpusetCpus: '', cpusetMems: '' },
    warning: `Your kernel does not support cpuset ${NOT_MOUNTED} Cpuset discarded.`,
  },
  {
    // The runtime fails where the file is missing.
    isMissing: (r, s) => r.blkioWeight > 0 && !s.blockIo.weight,
    drop: { blkioWeight: 0 },
    warning: `Your kernel does not support Block I/O weight ${NOT_MOUNTED} Weight discarded.`,
  },
  {
    isMissing: (r, s) => isFilled(r.blkioWeightDevice) && !s.blockIo.weightDevice,
    drop: { blkioWeightDevice: [] },
    warning: `Your kernel does not support Block I/O weight_device ${NOT_MOUNTED} Weight-device discarded.`,
  },
  {
    isMissing: (r, s) => isFilled(r.blkioReadBps) && !s.blockIo.readBps,
    drop: { blkioReadBps: [] },
    warning: `Your kernel does not support BPS Block I/O read limit ${NOT_MOUNTED} Block I/O BPS read limit discarded.`,
  },
  {
    isMissing: (r, s) => isFilled(r.blkioWriteBps) && !s.blockIo.writeBps,
    drop: { blkioWriteBps: [] },
    warning: `Your kernel does not support BPS Block I/O write limit ${NOT_MOUNTED} Block I/O BPS write limit discarded.`,
  },
  {
    isMissing: (r, s) => isFilled(r.blkioReadIops) && !s.blockIo.readIops,
    drop: { blkioReadIops: [] },
    warning: `Your kernel does not support IOPS Block read limit ${NOT_MOUNTED} Block I/O IOPS read limit discarded.`,
  },
  {
    isMissing: (r, s) => isFilled(r.blkioWriteIops) && !s.blockIo.writeIops,
    drop: { blkioWriteIops: [] },
    warning: `Your kernel does not support IOPS Block write limit ${NOT_MOUNTED} Block I/O IOPS write limit discarded.`,
  },
];

const isFilled = (list: readonly unknown[] = []): boolean => list.length > 0;

/** -1 is what clients send for "leave it". */
const isSet = (swappiness: number | null): boolean => swappiness !== null && swappiness !== -1;

/** Memory alone means as much swap again; inspect shows the result. */
const withSwap = (resources: Resources, support: LimitSupport): Resources => {
  const swappiness = isSet(resources.memorySwappiness) ? resources.memorySwappiness : null;
  const isDoubled = resources.memoryBytes > 0 && resources.memorySwapBytes === 0 && support.swapAccounting;
  return {
    ...resources,
    memorySwappiness: swappiness,
    memorySwapBytes: isDoubled ? 2 * resources.memoryBytes : resources.memorySwapBytes,
  };
};
