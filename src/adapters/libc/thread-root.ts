import { constants, openSync } from 'node:fs';
import { check, libc } from './library.ts';
import { cloneFlags, unshare } from './namespaces.ts';

const chrootCall = libc.func('int chroot(const char *path)');
const chdirCall = libc.func('int chdir(const char *path)');
const fchdirCall = libc.func('int fchdir(int descriptor)');
const umaskCall = libc.func('unsigned int umask(unsigned int mask)');

/** O_PATH of fcntl.h, which Node does not name. */
const openPathOnly = 0o10000000;

/**
 * A root and working directory for the calling thread alone, so that a worker can go into an untrusted
 * tree where the kernel itself keeps every path and link inside. Only synchronous fs calls follow it:
 * libuv's pool threads stay in the process's root. Load modules and start children before `enter`.
 */
export class ThreadRoot {
  readonly #home: number;

  /** Gives this thread its own view, with umask 0. Never on the main thread. */
  constructor() {
    unshare(cloneFlags.fs);
    umaskCall(0);
    this.#home = openSync('/', constants.O_DIRECTORY | openPathOnly);
  }

  /** Makes `path` the thread's root and working directory. */
  enter(path: string): void {
    this.changeDirectory(path);
    check('chroot', chrootCall('.') as number, path);
  }

  /** The same by descriptor: needed in another mount namespace, where the way back by `leave` would lead out of it. */
  enterDescriptor(descriptor: number): void {
    this.changeDirectoryTo(descriptor);
    check('chroot', chrootCall('.') as number);
  }

  /** Back to the process's root. If that fails the thread is of no more use, so the process aborts. */
  leave(): void {
    if ((fchdirCall(this.#home) as number) === 0 && (chrootCall('.') as number) === 0) return;
    process.stderr.write('a thread could not return to its root\n');
    process.abort();
  }

  /** Runs synchronous work inside `path`. */
  within<Result>(path: string, work: () => Result): Result {
    try {
      this.enter(path);
      return work();
    } finally {
      this.leave();
    }
  }

  /** The same by descriptor: it may lie outside the thread's root. */
  changeDirectoryTo(descriptor: number): void {
    check('fchdir', fchdirCall(descriptor) as number);
  }

  /** Working directory of this thread, for relative paths in system calls. */
  changeDirectory(path: string): void {
    check('chdir', chdirCall(path) as number, path);
  }
}
