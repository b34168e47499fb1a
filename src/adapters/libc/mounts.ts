import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { check, libc } from './library.ts';

/** mount(2) flags. */
export const mountFlags = {
  readOnly: 1,
  noSuid: 2,
  noDev: 4,
  noExec: 8,
  synchronous: 16,
  remount: 32,
  mandatoryLocks: 64,
  dirSynchronous: 128,
  noAtime: 1024,
  noDirAtime: 2048,
  bind: 4096,
  move: 8192,
  recursive: 16384,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relAtime: 1 << 21,
  strictAtime: 1 << 24,
} as const;

/** umount2(2) flags. */
export const unmountFlags = { none: 0, force: 1, detach: 2, noFollow: 8 } as const;

const mountCall = libc.func(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
);
const umountCall = libc.func('int umount2(const char *target, int flags)');

export type MountCall = {
  readonly source: string;
  readonly target: string;
  /** '' where the call takes none (bind, propagation change). */
  readonly type?: string;
  readonly flags?: number;
  readonly data?: string;
};

/** mount(2). Blocks the calling thread; throws SystemCallError. */
export const mount = ({ source, target, type = '', flags = 0, data = '' }: MountCall): void => {
  const result = mountCall(source, target, type, flags, data === '' ? null : data) as number;
  check('mount', result, target);
};

/** umount2(2). Blocks the calling thread; throws SystemCallError (EINVAL: not mounted; ENOENT: no such path). */
export const unmount = (target: string, flags: number = unmountFlags.none): void => {
  const result = umountCall(target, flags) as number;
  check('umount2', result, target);
};

/** As `unmount`, but false instead of an error where nothing is mounted. */
export const unmountIfMounted = (target: string, flags: number = unmountFlags.none): boolean => {
  const result = umountCall(target, flags) as number;
  if (result === 0) return true;
  try {
    check('umount2', result, target);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EINVAL' || error.code === 'ENOENT'))
      return false;
    throw error;
  }
  return true;
};

const pivotCall = libc.func('int pivot_root(const char *newRoot, const char *putOld)');
const systemCall = libc.func(
  'long syscall(long number, int directory, const char *path, unsigned int flags, void *attributes, size_t size)',
);

/** Makes the mount at the working directory the root of the thread's mount namespace and lets go of the old one. */
export const pivotToWorkingDirectory = (): void => {
  check('pivot_root', pivotCall('.', '.') as number);
  // The old root lies on top of the new one until here (pivot_root(2), "pivot_root(".", ".")").
  unmount('.', unmountFlags.detach);
};

const MOUNT_SETATTR = 442;
const AT_RECURSIVE = 0x8000;
const NO_SUID_DEV_EXEC = 2n | 4n | 8n;

/** No device of this tree of mounts can be opened, no program run: for looking at files of others. */
export const disarmMounts = (path: string): void => {
  const attributes = Buffer.alloc(32);
  attributes.writeBigUInt64LE(NO_SUID_DEV_EXEC, 0);
  const result = systemCall(MOUNT_SETATTR, -100, path, AT_RECURSIVE, attributes, attributes.length) as number;
  check('mount_setattr', result, path);
};

/** One line of /proc/PID/mountinfo (proc(5)). */
export type MountInfo = {
  readonly mountPoint: string;
  /** Root of the mount within its file system: `net:[4026532000]` for a namespace file. */
  readonly root: string;
  readonly isShared: boolean;
  readonly type: string;
  readonly source: string;
};

const unescape = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Parses the text of /proc/PID/mountinfo; lines it does not understand are left out. */
export const parseMountInfo = (text: string): MountInfo[] => {
  const mounts: MountInfo[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [, , , root, mountPoint] = fields;
    const type = fields[dash + 1];
    const source = fields[dash + 2];
    if (dash < 0 || root === undefined || mountPoint === undefined || type === undefined) continue;
    mounts.push({
      mountPoint: unescape(mountPoint),
      root: unescape(root),
      isShared: fields.slice(6, dash).some((field) => field.startsWith('shared:')),
      type,
      source: unescape(source ?? ''),
    });
  }
  return mounts;
};

/** The mounts this thread sees, in mount order (a later one covers an earlier one at the same place). */
export const readMounts = (): MountInfo[] =>
  parseMountInfo(readFileSync('/proc/thread-self/mountinfo', 'utf8'));

/**
 * Makes `path` a shared bind mount of itself, so that mounts made below it later appear in mount
 * namespaces that were unshared before. Idempotent; makes the directory. Call it before any private
 * mount namespace is made.
 */
export const makeSharedMount = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  const target = realpathSync(path);
  const mounts = readMounts();
  // What is mounted below a shared mount is seen by all who share it. A shared mount of its own inside would be
  // another peer group, which those who copied the outer one before do not belong to.
  if (containing(mounts, target)?.isShared === true) return;
  const present = mounts.findLast((entry) => entry.mountPoint === target);
  // What is mounted below it stays in sight.
  const tree = mountFlags.recursive;
  if (present === undefined) mount({ source: target, target, flags: mountFlags.bind | tree });
  // A bind of a path on a shared file system joins that peer group: private first gives it its own,
  // or each mount below would show up a second time under the original.
  if (present === undefined) mount({ source: '', target, flags: mountFlags.private | tree });
  mount({ source: '', target, flags: mountFlags.shared });
};

/** Takes away the mount that `makeSharedMount` made of a folder; one of somebody else's stays. Throws EBUSY while in use. */
export const leaveSharedMount = (path: string): void => {
  if (!existsSync(path)) return;
  const target = realpathSync(path);
  const found = readMounts().findLast(({ mountPoint }) => mountPoint === target);
  if (found !== undefined && found.root !== '/') unmount(target);
};

/** The mount that a path lies on: the deepest, and of several at one place the last. */
const containing = <Entry extends { readonly mountPoint: string }>(
  mounts: readonly Entry[],
  path: string,
): Entry | undefined =>
  mounts
    .filter(
      ({ mountPoint }) => path === mountPoint || path.startsWith(mountPoint === '/' ? '/' : `${mountPoint}/`),
    )
    .reduce<Entry | undefined>(
      (best, entry) =>
        best === undefined || entry.mountPoint.length >= best.mountPoint.length ? entry : best,
      undefined,
    );
