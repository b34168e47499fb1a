import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MeasuredContainer, ResourceMeter, ResourceSample } from '#engine/ports/resource-meter.ts';
import { parseCgroupLayout, parseProcessCgroups } from '#formats/proc/cgroup-layout.ts';
import type { CgroupLayout } from '#formats/proc/cgroup-layout.ts';
import { readConnections } from './connections.ts';
import { nameDevices } from './device-names.ts';
import { readText } from './files.ts';
import { readHostCpu } from './host.ts';
import { readInterfaces } from './interfaces.ts';
import { readV1 } from './read-v1.ts';
import { readV2 } from './read-v2.ts';

export type ResourceMeterOptions = { readonly hostMemoryBytes: number };

/** Reads some twenty small files per sample; no process is started and no namespace entered. */
export const createResourceMeter = ({ hostMemoryBytes }: ResourceMeterOptions): ResourceMeter => {
  const layout = parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8'));
  return { measure: async (subject) => measure(layout, subject, hostMemoryBytes) };
};

const measure = async (
  layout: CgroupLayout,
  { id, pid, network, detailed = false }: MeasuredContainer,
  hostMemory: number,
): Promise<ResourceSample | undefined> => {
  const groups = parseProcessCgroups(await readText(`/proc/${pid}`, 'cgroup'));
  const at = Date.now();
  const [host, interfaces, connections, use] = await Promise.all([
    readHostCpu(),
    network ? readInterfaces(pid) : undefined,
    network && detailed ? readConnections(pid) : undefined,
    layout.version === 2
      ? ofUnified(layout, ownGroup(groups.get(''), id), hostMemory)
      : ofHierarchies(layout, groups, { id, hostMemory }),
  ]);
  if (use === undefined) return undefined;
  return {
    ...use,
    at,
    cgroupVersion: layout.version,
    cpu: { ...use.cpu, ...host },
    io: detailed ? await nameDevices(use.io) : use.io,
    ...(interfaces === undefined ? {} : { interfaces }),
    ...(connections === undefined ? {} : { connections }),
  };
};

/** A process may have gone to a group below its container's; another's pid by now has no such group. */
const ownGroup = (path: string | undefined, id: string): string | undefined => {
  const end = path?.indexOf(id) ?? -1;
  return path === undefined || end < 0 ? undefined : path.slice(0, end + id.length);
};

const ofUnified = async (
  layout: CgroupLayout,
  group: string | undefined,
  hostMemory: number,
): Promise<Awaited<ReturnType<typeof readV2>> | undefined> => {
  if (group === undefined) return undefined;
  const folder = join(layout.unifiedPath ?? '/sys/fs/cgroup', group);
  return existsSync(folder) ? readV2(folder, hostMemory) : undefined;
};

const ofHierarchies = async (
  layout: CgroupLayout,
  groups: ReadonlyMap<string, string>,
  { id, hostMemory }: { readonly id: string; readonly hostMemory: number },
): Promise<Awaited<ReturnType<typeof readV1>> | undefined> => {
  const folderOf = (controller: string): string | undefined => {
    const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
    const key = [...groups.keys()].find((names) => names.split(',').includes(controller));
    const group = ownGroup(groups.get(key ?? controller), id);
    return hierarchy === undefined || group === undefined ? undefined : join(hierarchy.path, group);
  };
  const hasGroup = ['memory', 'cpuacct', 'pids', 'freezer'].some((name) => folderOf(name) !== undefined);
  return hasGroup ? readV1(folderOf, hostMemory) : undefined;
};
