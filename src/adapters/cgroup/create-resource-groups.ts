import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#domain/error/engine-error.ts';
import type { PodResources } from '#domain/pod/spec.ts';
import type { ResourceGroups } from '#engine/ports/resource-groups.ts';
import { parseCgroupLayout } from '#formats/proc/cgroup-layout.ts';
import type { CgroupLayout } from '#formats/proc/cgroup-layout.ts';

const PERIOD_US = 100_000;
const REMOVE_DEADLINE_MS = 10_000;

/** An empty group below keeps a group from being tidied away with its limits when the last container leaves. */
const HELD = 'held';

/** Groups of several containers, in every hierarchy of the machine. */
export const createResourceGroups = (
  layout: CgroupLayout = parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8')),
): ResourceGroups => ({
  ensure: async (path, limits) => {
    const settings = layout.version === 1 ? settingsOfV1(layout, limits) : settingsOfV2(layout, limits);
    for (const { root, files } of settings) await limit(root, path, files, layout.version);
  },
  remove: async (path) => {
    if (path.split('/').filter((part) => part !== '').length < 2) return;
    const deadline = performance.now() + REMOVE_DEADLINE_MS;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
      const gone = await Promise.all(rootsOf(layout).map(async (root) => removeTree(join(root, path))));
      if (gone.every(Boolean)) return;
      if (performance.now() > deadline)
        throw new EngineError('internal', 'groups.busy', `the control group ${path} cannot be removed`);
      await sleep(pauseMs);
    }
  },
  list: async (path) => {
    const lists = await Promise.all(rootsOf(layout).map(async (root) => foldersIn(join(root, path))));
    return [...new Set(lists.flat())];
  },
});

const rootsOf = ({ hierarchies, unifiedPath }: CgroupLayout): string[] => [
  ...hierarchies.map(({ path }) => path),
  ...(unifiedPath === undefined ? [] : [unifiedPath]),
];

type Setting = { readonly root: string; readonly files: Readonly<Record<string, string>> };

const settingsOfV1 = ({ hierarchies }: CgroupLayout, { cpus, memoryBytes }: PodResources): Setting[] => {
  const settings: Setting[] = [];
  const rootOf = (controller: string): string | undefined =>
    hierarchies.find(({ controllers }) => controllers.includes(controller))?.path;
  const [cpu, memory] = [rootOf('cpu'), rootOf('memory')];
  if (cpu !== undefined && cpus > 0) {
    const files = { 'cpu.cfs_period_us': String(PERIOD_US), 'cpu.cfs_quota_us': String(quotaOf(cpus)) };
    settings.push({ root: cpu, files });
  }
  if (memory !== undefined && memoryBytes > 0)
    settings.push({ root: memory, files: { 'memory.limit_in_bytes': String(memoryBytes) } });
  return settings;
};

const settingsOfV2 = ({ unifiedPath }: CgroupLayout, { cpus, memoryBytes }: PodResources): Setting[] => {
  if (unifiedPath === undefined || (cpus === 0 && memoryBytes === 0)) return [];
  const files = {
    ...(cpus > 0 ? { 'cpu.max': `${quotaOf(cpus)} ${PERIOD_US}` } : {}),
    ...(memoryBytes > 0 ? { 'memory.max': String(memoryBytes) } : {}),
  };
  return [{ root: unifiedPath, files }];
};

const quotaOf = (cpus: number): number => Math.max(1000, Math.round(cpus * PERIOD_US));

const limit = async (root: string, path: string, files: Setting['files'], version: 1 | 2): Promise<void> => {
  const folder = join(root, path);
  await mkdir(join(folder, HELD), { recursive: true });
  if (version === 2) await enableControllers(root, dirname(folder), Object.keys(files));
  for (const [name, value] of Object.entries(files)) await writeFile(join(folder, name), value);
};

/** Version 2: a group has the files of a controller when all groups above it pass the controller on. */
const enableControllers = async (root: string, parent: string, files: readonly string[]): Promise<void> => {
  const wanted = [...new Set(files.map((name) => `+${name.split('.')[0]}`))].join(' ');
  const chain: string[] = [];
  for (let folder = parent; folder.startsWith(root); folder = dirname(folder)) chain.unshift(folder);
  for (const folder of chain) await writeFile(join(folder, 'cgroup.subtree_control'), wanted);
};

const foldersIn = async (folder: string): Promise<string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    // There is none, or no more.
    return [];
  }
};

/** False while something in it still runs. */
const removeTree = async (folder: string): Promise<boolean> => {
  if (!existsSync(folder)) return true;
  for (const name of await foldersIn(folder)) await removeTree(join(folder, name));
  try {
    await rmdir(folder);
    return true;
  } catch {
    await killMembers(folder);
    return !existsSync(folder);
  }
};

const killMembers = async (folder: string): Promise<void> => {
  const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const pid = Number(line);
    if (pid <= 1) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
};
