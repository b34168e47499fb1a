import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineFacts } from '#engine/ports/machine.ts';
import { parseCgroupLayout, parseProcessCgroups } from '#formats/proc/cgroup-layout.ts';
import type { CgroupLayout } from '#formats/proc/cgroup-layout.ts';

type CgroupFacts = MachineFacts['cgroup'];

export const readCgroupFacts = (): CgroupFacts => {
  const layout = parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8'));
  return layout.version === 2 ? readUnified(layout) : readLegacy(layout);
};

const readLegacy = (layout: CgroupLayout): CgroupFacts => {
  const controllers = layout.hierarchies.flatMap((hierarchy) => hierarchy.controllers);
  const memory = layout.hierarchies.find((hierarchy) => hierarchy.controllers.includes('memory'))?.path ?? '';
  return {
    version: 1,
    hybrid: layout.isHybrid,
    controllers: controllers.filter((name) => !name.startsWith('name=')),
    swapAccounting: existsSync(join(memory, 'memory.memsw.limit_in_bytes')),
    oomControl: existsSync(join(memory, 'memory.oom_control')),
    blockIo: blockIoOfLegacy(layout),
  };
};

const blockIoOfLegacy = ({ hierarchies }: CgroupLayout): CgroupFacts['blockIo'] => {
  const root = hierarchies.find(({ controllers }) => controllers.includes('blkio'))?.path;
  const has = (file: string): boolean => root !== undefined && existsSync(join(root, file));
  return {
    weight: has('blkio.weight'),
    weightDevice: has('blkio.weight_device'),
    readBps: has('blkio.throttle.read_bps_device'),
    writeBps: has('blkio.throttle.write_bps_device'),
    readIops: has('blkio.throttle.read_iops_device'),
    writeIops: has('blkio.throttle.write_iops_device'),
  };
};

const readUnified = (layout: CgroupLayout): CgroupFacts => {
  const root = layout.unifiedPath ?? '/sys/fs/cgroup';
  const controllers = readOptional(join(root, 'cgroup.controllers'))
    .split(/\s+/)
    .filter((name) => name !== '');
  // The root group has no memory.swap.max: our own has, unless we sit in the root.
  const own = parseProcessCgroups(readOptional('/proc/self/cgroup')).get('') ?? '/';
  const isInRoot = own === '/';
  const hasSwapFile = existsSync(join(root, own, 'memory.swap.max'));
  return {
    version: 2,
    hybrid: false,
    controllers,
    swapAccounting: hasSwapFile || (isInRoot && existsSync('/proc/swaps')),
    oomControl: false,
    blockIo: blockIoOfUnified(root, controllers),
  };
};

/** The root group has none of the files: one of those below it that has the controller shows them. */
const blockIoOfUnified = (root: string, controllers: readonly string[]): CgroupFacts['blockIo'] => {
  const isThere = controllers.includes('io');
  const folder = isThere ? listFolders(root).find((each) => existsSync(join(each, 'io.stat'))) : undefined;
  const has = (file: string): boolean => folder !== undefined && existsSync(join(folder, file));
  const hasWeight =
    has('io.weight') || has('io.bfq.weight') || (isThere && existsSync(join(root, 'io.cost.qos')));
  const hasMost = folder === undefined ? isThere : has('io.max');
  return {
    weight: hasWeight,
    // The runtime knows weights of single devices by BFQ's file alone.
    weightDevice: has('io.bfq.weight'),
    readBps: hasMost,
    writeBps: hasMost,
    readIops: hasMost,
    writeIops: hasMost,
  };
};

const listFolders = (path: string): string[] => {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  } catch {
    // Not mounted.
    return [];
  }
};

const readOptional = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not mounted: nothing is usable.
    return '';
  }
};
