import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOTS = ['/sys/fs/cgroup/cpuacct', '/sys/fs/cgroup'] as const;

/**
 * CPU time of process trees, dead processes too, from control groups (version 1 cpuacct, or version 2).
 * Groups are made before use and outlive what runs in them, so no time is lost with a container's own group.
 */
export class CpuAccount {
  readonly #names: readonly string[];
  readonly #folders: readonly string[];
  readonly #isOld = existsSync(join(ROOTS[0], 'cpuacct.usage'));

  /** `names` as an engine knows them, relative to the hierarchy's root. */
  constructor(names: readonly string[]) {
    const root = this.#isOld ? ROOTS[0] : ROOTS[1];
    this.#names = names;
    this.#folders = names.map((name) => join(root, name));
    for (const folder of this.#folders) mkdirSync(folder, { recursive: true });
  }

  /** Where a process writes its pid to be counted: the first group. */
  get door(): string {
    return join(this.#folders[0] ?? '', 'cgroup.procs');
  }

  readMs(): number {
    return this.#folders.reduce((sum, folder) => sum + this.#readMs(folder), 0);
  }

  #readMs(folder: string): number {
    if (!existsSync(folder)) return 0;
    if (this.#isOld) return Number(readFileSync(join(folder, 'cpuacct.usage'), 'utf8')) / 1e6;
    return Number(/usage_usec (\d+)/.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))?.[1]) / 1000;
  }

  /** Removes the groups, also those of other hierarchies; they must be without processes by now. */
  close(): void {
    for (const name of this.#names) for (const root of hierarchies()) removeGroups(join(root, name));
  }
}

const hierarchies = (): string[] => [
  ROOTS[1],
  ...readdirSync(ROOTS[1], { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(ROOTS[1], entry.name)),
];

const removeGroups = (folder: string): void => {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  try {
    rmdirSync(folder);
  } catch {
    // A process that is still ending: the group is empty soon and harmless.
  }
};
