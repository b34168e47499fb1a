import koffi from 'koffi';
import { getSystemErrorName } from 'node:util';

/**
 * The door to libc. koffi is imported nowhere else. Calls block the calling thread: whatever may
 * wait (netlink, mounts of dead servers) belongs in a worker.
 */
export const libc = koffi.load('libc.so.6');

/** A system call that failed, with its errno. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly errno: number;
  /** `ENOENT`. */
  readonly code: string;
  readonly call: string;

  constructor(call: string, errno: number, detail = '') {
    const code = nameOf(errno);
    super(`${call}${detail === '' ? '' : ` ${detail}`}: ${code}`);
    this.call = call;
    this.errno = errno;
    this.code = code;
  }
}

const nameOf = (errno: number): string => {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
};

const describeCall = libc.func('const char *strerror(int number)');

/** `no such device`: the C library's words for an errno, as they stand within a sentence. */
export const describeErrno = (errno: number): string => {
  const words = describeCall(errno) as string;
  return words.charAt(0).toLowerCase() + words.slice(1);
};

/** The result of a call that answers -1 on failure; throws with errno and `detail` then. */
export const check = (call: string, result: number, detail = ''): number => {
  if (result >= 0) return result;
  throw new SystemCallError(call, koffi.errno(), detail);
};

export { koffi };
