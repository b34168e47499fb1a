import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCgroupLayout, parseProcessCgroups } from '#formats/proc/cgroup-layout.ts';
import type { CgroupLayout } from '#formats/proc/cgroup-layout.ts';

/** Hierarchies in which a container's processes are looked up, best first: the runtime fills all of them. */
const memberControllers = ['freezer', 'pids', 'name=systemd', 'memory'];
const killDeadlineMs = 10_000;

/** The control groups of containers, by the path their spec names, in every hierarchy of the machine. */
export class CgroupTree {
  readonly layout: CgroupLayout;

  constructor(layout: CgroupLayout) {
    this.layout = layout;
  }

  static ofThisMachine(): CgroupTree {
    return new CgroupTree(parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8')));
  }

  /** The folder of `path` in the hierarchy of a controller; on version 2 always the one folder. */
  folder(path: string, controller: string): string | undefined {
    if (this.layout.version === 2) return join(this.layout.unifiedPath ?? '/sys/fs/cgroup', path);
    const hierarchy = this.layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
    return hierarchy === undefined ? undefined : join(hierarchy.path, path);
  }

  /** Every folder `path` has. */
  folders(path: string): string[] {
    const roots = this.layout.hierarchies.map((hierarchy) => hierarchy.path);
    if (this.layout.unifiedPath !== undefined) roots.push(this.layout.unifiedPath);
    return roots.map((root) => join(root, path));
  }

  /** Pids of all processes below `path`; none when it is missing. */
  processes(path: string): number[] {
    const candidates = this.layout.version === 2 ? [''] : memberControllers;
    for (const controller of candidates) {
      const folder = this.folder(path, controller);
      if (folder !== undefined && existsSync(folder)) return readMembers(folder);
    }
    return [];
  }

  /** Takes a limit away. */
  async free(path: string, limit: 'pids' | 'cpu'): Promise<void> {
    const folder = this.folder(path, limit);
    if (folder === undefined) return;
    if (limit === 'pids') await writeFile(join(folder, 'pids.max'), 'max');
    else if (this.layout.version === 2) await writeFile(join(folder, 'cpu.max'), 'max');
    else await writeFile(join(folder, 'cpu.cfs_quota_us'), '-1');
  }

  /** SIGKILL to everything below `path` until nothing is left. Frozen processes die once thawed. */
  async killAll(path: string): Promise<void> {
    const killFile = this.layout.version === 2 ? join(this.folder(path, '') ?? '', 'cgroup.kill') : undefined;
    if (killFile !== undefined && existsSync(killFile)) await writeFile(killFile, '1');
    for (const pid of this.processes(path)) kill(pid);
  }

  /** As `killAll`, then removes the folders of `path` in all hierarchies. Fine when there are none. */
  async remove(path: string): Promise<void> {
    // An empty or root path would name the machine's own groups.
    if (path.split('/').every((part) => part === '')) return;
    const deadline = performance.now() + killDeadlineMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
      const results = await Promise.all(this.folders(path).map(removeFolder));
      if (results.every(Boolean)) return;
      if (performance.now() > deadline)
        throw new Error(`the control group ${path} cannot be removed: processes remain`);
      for (const pid of this.processes(path)) kill(pid);
      await sleep(pauseMs);
    }
  }

  /** Removes the groups between `path` and `ancestor` that have become empty; those of others stay. */
  async removeBetween(path: string, ancestor: string): Promise<void> {
    for (let parent = dirname(path); parent.startsWith(`${ancestor}/`); parent = dirname(parent)) {
      // Still in use (EBUSY), or gone: both are fine.
      await Promise.all(this.folders(parent).map((folder) => rmdir(folder).catch(() => {})));
    }
  }

  /** How many processes of `path` the OOM killer took; 0 where the kernel does not say. */
  async oomKills(path: string): Promise<number> {
    const folder = this.folder(path, 'memory');
    if (folder === undefined) return 0;
    const file = this.layout.version === 2 ? 'memory.events' : 'memory.oom_control';
    try {
      return parseOomKills(await readFile(join(folder, file), 'utf8'));
    } catch {
      // The group is gone or its controller is off: nothing was counted.
      return 0;
    }
  }

  /**
   * Makes a group outside the daemon's own, for processes that outlive it. A hierarchy in which the daemon
   * sits at the root needs none. Answers the version 1 folders and the version 2 one apart: threads can
   * move alone only in the former.
   */
  async makeOutside(path: string): Promise<{ readonly threads: string[]; readonly unified?: string }> {
    const own = parseProcessCgroups(readFileSync('/proc/self/cgroup', 'utf8'));
    const threads: string[] = [];
    for (const hierarchy of this.layout.hierarchies) {
      if ((own.get(hierarchy.controllers.join(',')) ?? '/') === '/') continue;
      const folder = join(hierarchy.path, path);
      await mkdir(folder, { recursive: true });
      if (hierarchy.controllers.includes('cpuset')) await inheritCpuset(hierarchy.path, path);
      threads.push(folder);
    }
    if (this.layout.unifiedPath === undefined || (own.get('') ?? '/') === '/') return { threads };
    const unified = join(this.layout.unifiedPath, path);
    await mkdir(unified, { recursive: true });
    return { threads, unified };
  }
}

/** The count of a `memory.events` or `memory.oom_control` file. */
export const parseOomKills = (text: string): number => Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);

const readMembers = (folder: string): number[] => {
  const pids: number[] = [];
  try {
    for (const line of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n')) {
      if (line !== '' && line !== '0') pids.push(Number(line));
    }
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) pids.push(...readMembers(join(folder, entry.name)));
    }
  } catch {
    // The group went away while we read: its members are gone too.
  }
  return pids;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
};

/** False when something still runs in it. */
const removeFolder = async (folder: string): Promise<boolean> => {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return true;
    if (code !== 'EBUSY' && code !== 'ENOTEMPTY') throw error;
  }
  for (const entry of listFolders(folder)) await removeFolder(join(folder, entry));
  try {
    await rmdir(folder);
    return true;
  } catch {
    // Still populated: the caller tries again.
    return !existsSync(folder);
  }
};

const listFolders = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    // Gone by now.
    return [];
  }
};

/** A new version 1 cpuset accepts no task before its two lists are filled. */
const inheritCpuset = async (root: string, path: string): Promise<void> => {
  let folder = root;
  for (const part of path.split('/').filter((name) => name !== '')) {
    folder = join(folder, part);
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const current = await readFile(join(folder, file), 'utf8');
      if (current.trim() === '')
        await writeFile(join(folder, file), await readFile(join(dirname(folder), file)));
    }
  }
};
