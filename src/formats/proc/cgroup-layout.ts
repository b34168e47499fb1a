/** The control group hierarchies of a machine (cgroups(7)). */
export type CgroupLayout = {
  /** 1 when any controller sits on a version 1 hierarchy. */
  readonly version: 1 | 2;
  /** Version 1 with a version 2 hierarchy beside it. */
  readonly isHybrid: boolean;
  /** Version 1 hierarchies; `controllers` holds names as the kernel has them, also `name=systemd`. */
  readonly hierarchies: readonly CgroupHierarchy[];
  /** Where version 2 is mounted, if it is. */
  readonly unifiedPath?: string;
};

export type CgroupHierarchy = { readonly path: string; readonly controllers: readonly string[] };

const namedOptions = new Set([
  'rw',
  'ro',
  'relatime',
  'noatime',
  'nosuid',
  'nodev',
  'noexec',
  'clone_children',
  'xattr',
]);

const unescape = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Reads `/proc/self/mounts`. A machine without any cgroup mount counts as version 2 without a path. */
export const parseCgroupLayout = (mounts: string): CgroupLayout => {
  const hierarchies: CgroupHierarchy[] = [];
  const seen = new Set<string>();
  let unifiedPath: string | undefined;
  for (const line of mounts.split('\n')) {
    const [, path, type, options] = line.split(' ');
    if (path === undefined || options === undefined) continue;
    if (type === 'cgroup2') unifiedPath ??= unescape(path);
    if (type !== 'cgroup') continue;
    const controllers = options
      .split(',')
      .filter((option) => !namedOptions.has(option) && (!option.includes('=') || option.startsWith('name=')));
    // The same hierarchy may be mounted twice (a bind mount): the first is the machine's own.
    if (seen.has(controllers.join())) continue;
    seen.add(controllers.join());
    hierarchies.push({ path: unescape(path), controllers });
  }
  return {
    version: hierarchies.length > 0 ? 1 : 2,
    isHybrid: hierarchies.length > 0 && unifiedPath !== undefined,
    hierarchies,
    ...(unifiedPath === undefined ? {} : { unifiedPath }),
  };
};

/**
 * Reads `/proc/PID/cgroup`: path in each hierarchy, keyed by its controllers joined by comma (`cpu,cpuacct`,
 * `name=systemd`), the empty key for version 2.
 */
export const parseProcessCgroups = (text: string): ReadonlyMap<string, string> => {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) paths.set(match[1], match[2]);
  }
  return paths;
};
