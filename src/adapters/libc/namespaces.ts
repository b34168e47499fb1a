import { closeSync, openSync } from 'node:fs';
import { check, libc, SystemCallError } from './library.ts';

/** clone(2) flags of the namespaces (and CLONE_FS, which gives a thread its own root and working directory). */
export const cloneFlags = {
  fs: 0x200,
  mount: 0x20000,
  cgroup: 0x02000000,
  uts: 0x04000000,
  ipc: 0x08000000,
  user: 0x10000000,
  pid: 0x20000000,
  network: 0x40000000,
} as const;

const unshareCall = libc.func('int unshare(int flags)');
const setnsCall = libc.func('int setns(int fd, int type)');
const sethostnameCall = libc.func('int sethostname(const char *name, size_t length)');
const setdomainnameCall = libc.func('int setdomainname(const char *name, size_t length)');

/** unshare(2) for the calling thread. Never on the main thread. */
export const unshare = (flags: number): void => {
  check('unshare', unshareCall(flags) as number);
};

/** setns(2) for the calling thread; `type` 0 = whatever the descriptor names. Never on the main thread. */
export const setNamespace = (descriptor: number, type = 0): void => {
  check('setns', setnsCall(descriptor, type) as number);
};

/** Sets the host name of the calling thread's UTS namespace (at most 64 bytes). */
export const setHostName = (name: string): void => {
  check('sethostname', sethostnameCall(name, Buffer.byteLength(name)) as number, name);
};

/** Sets the NIS domain name of the calling thread's UTS namespace (at most 64 bytes). */
export const setDomainName = (name: string): void => {
  check('setdomainname', setdomainnameCall(name, Buffer.byteLength(name)) as number, name);
};

/** Namespace files of the calling thread, not of the process's first thread. */
export const ownNamespace = (name: 'net' | 'ipc' | 'uts' | 'mnt' | 'pid'): string =>
  `/proc/thread-self/ns/${name}`;

/**
 * Runs `work` with the calling thread in the namespace file `path`, then goes back to `home`, a
 * descriptor of the thread's own namespace. Only synchronous work: libuv's pool threads stay behind.
 * If the way back fails the thread is of no more use, so the process aborts.
 */
export const withinNamespace = <Result>(
  { path, home, type }: { path: string; home: number; type: number },
  work: () => Result,
): Result => {
  const descriptor = openSync(path, 'r');
  try {
    setNamespace(descriptor, type);
    try {
      return work();
    } finally {
      goBack(home, type);
    }
  } finally {
    closeSync(descriptor);
  }
};

const goBack = (home: number, type: number): void => {
  try {
    setNamespace(home, type);
  } catch (error) {
    const reason = error instanceof SystemCallError ? error.message : String(error);
    process.stderr.write(`a thread could not return to its namespace: ${reason}\n`);
    process.abort();
  }
};
