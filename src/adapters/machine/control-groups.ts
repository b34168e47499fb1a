import { existsSync, readFileSync } from 'node:fs';
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
  };
};

const readUnified = (layout: CgroupLayout): CgroupFacts => {
  const root = layout.unifiedPath ?? '/sys/fs/cgroup';
  const controllers = readOptional(join(root, 'cgroup.controllers')).split(/\s+/);
  // The root group has no memory.swap.max: our own has, unless we sit in the root.
  const own = parseProcessCgroups(readOptional('/proc/self/cgroup')).get('') ?? '/';
  const isInRoot = own === '/';
  const hasSwapFile = existsSync(join(root, own, 'memory.swap.max'));
  return {
    version: 2,
    hybrid: false,
    controllers: controllers.filter((name) => name !== ''),
    swapAccounting: hasSwapFile || (isInRoot && existsSync('/proc/swaps')),
    oomControl: false,
  };
};

const readOptional = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not mounted: nothing is usable.
    return '';
  }
};
