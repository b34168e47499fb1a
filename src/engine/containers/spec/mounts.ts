import type { MountPoint } from '#domain/container/config.ts';
import type { RuntimeMount } from '#formats/oci-runtime/spec.ts';
import { exactInteger } from '#lib/exact-json.ts';

export type MountInput = {
  readonly privileged: boolean;
  readonly tty: boolean;
  readonly cgroupVersion: 1 | 2;
  readonly ownCgroupNamespace: boolean;
  readonly ownNetwork: boolean;
  readonly shm: ShmSource;
  readonly mounts: readonly MountPoint[];
  readonly readonlyRootfs: boolean;
  /** Host paths of the three files; undefined leaves the image's own. */
  readonly files?: Readonly<Record<'hosts' | 'resolvConf' | 'hostname', string>>;
  readonly initPath?: string;
};

export type ShmSource =
  | { readonly kind: 'own'; readonly sizeBytes: number }
  | { readonly kind: 'bind'; readonly path: string }
  | { readonly kind: 'none' };

/** Where the init program is found inside. */
export const INIT_DESTINATION = '/sbin/docker-init';

const mount = (destination: string, type: string, source: string, ...options: string[]): RuntimeMount => ({
  destination,
  type,
  source,
  options,
});

/** Mounts in the order they must happen: kernel file systems, then the client's by depth, then the three files. */
export const buildMounts = (input: MountInput): RuntimeMount[] => {
  const chosen = input.mounts.toSorted(byDepth).map(toRuntimeMount);
  const taken = new Set(chosen.map(({ destination }) => destination));
  return [
    ...kernelMounts(input).filter(({ destination }) => !taken.has(destination)),
    ...shmMounts(input.shm).filter(({ destination }) => !taken.has(destination)),
    ...chosen,
    ...fileMounts(input).filter(({ destination }) => !taken.has(destination)),
    ...(input.initPath === undefined ? [] : [mount(INIT_DESTINATION, 'bind', input.initPath, 'bind', 'ro')]),
  ];
};

const kernelMounts = (input: MountInput): RuntimeMount[] => {
  const access = input.privileged ? 'rw' : 'ro';
  return [
    mount('/proc', 'proc', 'proc', 'nosuid', 'noexec', 'nodev'),
    mount('/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'),
    mount(
      '/dev/pts',
      'devpts',
      'devpts',
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      'gid=5',
    ),
    sysMount(input, access),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', access, 'nosuid', 'noexec', 'nodev', 'relatime'),
    // Shows the queues of the IPC namespace that it is mounted in, the host's too: which may have no /dev/mqueue to bind.
    mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'),
  ];
};

/** A process in the host's network namespace sees the host's /sys. */
const sysMount = (input: MountInput, access: string): RuntimeMount =>
  input.ownNetwork
    ? mount('/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', access)
    : mount('/sys', 'bind', '/sys', 'rbind', 'nosuid', 'noexec', 'nodev', access);

const shmMounts = (shm: ShmSource): RuntimeMount[] => {
  if (shm.kind === 'none') return [];
  if (shm.kind === 'bind') return [mount('/dev/shm', 'bind', shm.path, 'rbind', 'nosuid', 'noexec', 'nodev')];
  return [
    mount(
      '/dev/shm',
      'tmpfs',
      'shm',
      'nosuid',
      'noexec',
      'nodev',
      'mode=1777',
      `size=${exactInteger(shm.sizeBytes)}`,
    ),
  ];
};

const fileMounts = ({ files }: MountInput): RuntimeMount[] =>
  files === undefined
    ? []
    : [
        mount('/etc/resolv.conf', 'bind', files.resolvConf, 'rbind', 'rprivate'),
        mount('/etc/hostname', 'bind', files.hostname, 'rbind', 'rprivate'),
        mount('/etc/hosts', 'bind', files.hosts, 'rbind', 'rprivate'),
      ];

const depthOf = (path: string): number => path.split('/').length;

const byDepth = (a: MountPoint, b: MountPoint): number => depthOf(a.destination) - depthOf(b.destination);

const toRuntimeMount = (point: MountPoint): RuntimeMount => {
  if (point.type === 'tmpfs') {
    const options = point.options ?? [];
    return mount(point.destination, 'tmpfs', 'tmpfs', ...tmpfsDefaults(options), ...options);
  }
  const wanted = point.propagation === '' ? 'rprivate' : point.propagation;
  // crun takes the r of a propagation for the bind's.
  const propagation = point.depth === 'alone' ? wanted.replace(/^r/u, '') : wanted;
  // Later words win.
  const { options = [] } = point;
  const bind = point.depth === 'alone' ? 'bind' : 'rbind';
  return mount(point.destination, 'bind', point.source, bind, accessOf(point), propagation, ...options);
};

/** `rro` reaches what is mounted below. */
const accessOf = ({ writable, depth }: MountPoint): string => {
  if (writable) return 'rw';
  return depth === undefined ? 'rro' : 'ro';
};

const tmpfsDefaults = (options: readonly string[]): string[] => {
  const opposite: Readonly<Record<string, string>> = {
    nosuid: 'suid',
    nodev: 'dev',
    noexec: 'exec',
  };
  return Object.entries(opposite)
    .filter(([name, undo]) => !options.includes(undo) && !options.includes(name))
    .map(([name]) => name);
};
