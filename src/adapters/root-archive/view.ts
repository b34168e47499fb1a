import { closeSync, constants, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  disarmMounts,
  mount,
  mountFlags,
  parseMountInfo,
  pivotToWorkingDirectory,
} from '#adapters/libc/mounts.ts';
import { unmountFlags, unmountIfMounted } from '#adapters/libc/mounts.ts';
import { cloneFlags, ownNamespace, setNamespace, unshare } from '#adapters/libc/namespaces.ts';
import { ThreadRoot } from '#adapters/libc/thread-root.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { parseProcessStat } from '#formats/proc/process-stat.ts';

import type { MountPoint } from '#domain/container/config.ts';
import type { MountInfo } from '#adapters/libc/mounts.ts';
import type { RootView } from '#engine/ports/root-archive.ts';

/** O_PATH of fcntl.h, which Node does not name. */
const LOOK = 0o10000000;

/**
 * File systems that are the kernel itself. Not a container's files; and a link like /proc/1/root leads out of any
 * root, where the container shares the machine's processes.
 */
const KERNEL = new Set(
  (
    'proc sysfs cgroup cgroup2 mqueue devpts devtmpfs debugfs tracefs securityfs bpf configfs fusectl pstore ' +
    'binfmt_misc efivarfs nsfs autofs hugetlbfs rpc_pipefs nfsd selinuxfs'
  ).split(' '),
);

export type MountedView = RootView & { readonly merged: string };

/**
 * A thread that goes into a container's files: into a copy of its mount namespace, or one with its root and volumes,
 * without the kernel's file systems and with devices disarmed. There the kernel itself keeps every path and link inside,
 * whatever the container's processes do meanwhile; and what is mounted is gone as soon as the thread leaves.
 */
export class ViewThread {
  readonly #root = new ThreadRoot();
  readonly #home = openSync(ownNamespace('mnt'), 'r');
  readonly #proc = openSync('/proc', constants.O_DIRECTORY | LOOK);

  /** Runs synchronous work inside. */
  within<Result>(view: MountedView, work: () => Result): Result {
    try {
      if (view.process === undefined) this.#enterStill(view);
      else this.#enterRunning(view, view.process);
      disarmMounts('/');
      return work();
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    try {
      setNamespace(this.#home, cloneFlags.mount);
    } catch {
      process.stderr.write('a thread could not return to its mount namespace\n');
      process.abort();
    }
    this.#root.leave();
  }

  #enterRunning(
    view: MountedView,
    { pid, startTime }: { readonly pid: number; readonly startTime: string },
  ): void {
    const descriptor = openNamespace(pid, startTime);
    if (descriptor === undefined) return this.#enterStill(view);
    try {
      setNamespace(descriptor, cloneFlags.mount);
    } finally {
      closeSync(descriptor);
    }
    unshare(cloneFlags.mount);
    makePrivate();
    const chosen = new Set(view.mounts.map(({ destination }) => destination));
    const isKernels = ({ type, mountPoint }: MountInfo): boolean =>
      KERNEL.has(type) || (mountPoint === '/dev' && !chosen.has('/dev'));
    for (const entry of this.#mounts().toReversed())
      if (isKernels(entry)) unmountIfMounted(entry.mountPoint, unmountFlags.detach | unmountFlags.noFollow);
    const left = this.#mounts().find(isKernels);
    if (left !== undefined)
      throw new EngineError(
        'internal',
        'archive.view',
        `${left.mountPoint} could not be taken out of the view`,
      );
    return this.#root.changeDirectory('/');
  }

  /** Mounts as this thread sees them: read by the machine's own /proc, not the container's. */
  #mounts(): MountInfo[] {
    this.#root.changeDirectoryTo(this.#proc);
    return parseMountInfo(readFileSync('thread-self/mountinfo', 'utf8'));
  }

  #enterStill({ id, merged, mounts }: MountedView): void {
    unshare(cloneFlags.mount);
    makePrivate();
    // From here on the mount is ours too; a container that was removed meanwhile has left a bare folder, or none.
    if (!isMounted(merged)) throw rootGone(id);
    const sorted = mounts
      .filter(({ type }) => type !== 'tmpfs')
      .toSorted((one, other) => depthOf(one) - depthOf(other));
    const top = openSync('/', constants.O_DIRECTORY | LOOK);
    try {
      for (const point of sorted) this.#bind({ merged, top }, point);
    } finally {
      closeSync(top);
    }
    this.#root.changeDirectory(merged);
    pivotToWorkingDirectory();
    this.#root.changeDirectory('/');
  }

  /** The place is looked up inside the root, the source outside: by its descriptor in the machine's /proc. */
  #bind(
    { merged, top }: { readonly merged: string; readonly top: number },
    { source, destination, writable }: MountPoint,
  ): void {
    const stats = statSync(source, { throwIfNoEntry: false });
    if (stats === undefined) return;
    const descriptor = openSync(source, LOOK);
    try {
      this.#root.enter(merged);
      if (!makePlace(destination, stats.isDirectory())) return;
      this.#root.changeDirectoryTo(this.#proc);
      const bind = mountFlags.bind | mountFlags.recursive;
      mount({ source: `self/fd/${descriptor}`, target: destination, flags: bind });
      const readOnly = mountFlags.bind | mountFlags.remount | mountFlags.readOnly;
      if (!writable) mount({ source: '', target: destination, flags: readOnly });
    } finally {
      this.#root.enterDescriptor(top);
      closeSync(descriptor);
    }
  }
}

const makePrivate = (): void =>
  mount({ source: '', target: '/', flags: mountFlags.private | mountFlags.recursive });

const isMounted = (path: string): boolean => {
  const own = statSync(path, { throwIfNoEntry: false });
  return own !== undefined && own.dev !== statSync(dirname(path)).dev;
};

const rootGone = (id: string): EngineError =>
  new EngineError('not-found', 'root.not-found', `no such root: ${id}`, { params: { id } });

const depthOf = ({ destination }: MountPoint): number => destination.split('/').length;

/** The namespace of a process, unless it is gone and its number another's. */
const openNamespace = (pid: number, startTime: string): number | undefined => {
  try {
    const descriptor = openSync(`/proc/${pid}/ns/mnt`, 'r');
    if (parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.startTime === startTime)
      return descriptor;
    closeSync(descriptor);
    return undefined;
  } catch {
    return undefined;
  }
};

/** Where something is mounted must exist; false where the root has something else in the way. */
const makePlace = (path: string, isDirectory: boolean): boolean => {
  try {
    const present = statSync(path, { throwIfNoEntry: false });
    if (present !== undefined) return present.isDirectory() === isDirectory;
    mkdirSync(isDirectory ? path : dirname(path), { recursive: true, mode: 0o755 });
    if (!isDirectory) writeFileSync(path, '', { flag: 'wx', mode: 0o644 });
    return true;
  } catch {
    return false;
  }
};
