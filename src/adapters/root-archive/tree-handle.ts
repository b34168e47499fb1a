import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { readAttributes } from '#adapters/libc/inode-calls.ts';

import type { BigIntStats } from 'node:fs';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** O_PATH of fcntl.h, which Node does not name: no device wakes up, no fifo waits. */
const LOOK = 0o10000000 | constants.O_NOFOLLOW;
const SLASH = Buffer.from('/');

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Not there, or a kind of thing that has none of what was asked for: devices and sockets cannot be opened in a view. */
const GONE = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ESTALE',
  'ENAMETOOLONG',
  'ENXIO',
  'ENODEV',
  'ENODATA',
  'ERANGE',
]);

/** `read` of something another may take away meanwhile; undefined when it is gone. */
export const unlessGone = <Result>(read: () => Result): Result | undefined => {
  try {
    return read();
  } catch (error) {
    if (GONE.has(codeOf(error))) return undefined;
    throw error;
  }
};

/**
 * A directory held open. Names below it are single components, so no link is ever followed, whoever swaps what.
 * Needs /proc of the thread's root.
 */
export class DirectoryHandle implements Disposable {
  readonly #descriptor: number;

  constructor(path: string | Buffer) {
    this.#descriptor = openSync(path, DIRECTORY);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  names(): Buffer[] {
    const path = `/proc/self/fd/${this.#descriptor}/.`;
    return unlessGone(() => readdirSync(path, { encoding: 'buffer' })) ?? [];
  }

  below(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`/proc/self/fd/${this.#descriptor}`), SLASH, name]);
  }

  stat(): BigIntStats {
    return fstatSync(this.#descriptor, { bigint: true });
  }

  statOf(name: Buffer): BigIntStats | undefined {
    return unlessGone(() => lstatSync(this.below(name), { bigint: true }));
  }

  attributes(): Map<string, Buffer> {
    const path = `/proc/self/fd/${this.#descriptor}/.`;
    return unlessGone(() => readAttributes(path)) ?? new Map<string, Buffer>();
  }

  /** Undefined when it is no directory any more. */
  open(name: Buffer): DirectoryHandle | undefined {
    return unlessGone(() => new DirectoryHandle(this.below(name)));
  }

  /** For reading; undefined when it is no regular file any more. */
  openFile(name: Buffer): number | undefined {
    const look = unlessGone(() => openSync(this.below(name), LOOK));
    if (look === undefined) return undefined;
    try {
      if (!fstatSync(look).isFile()) return undefined;
      return unlessGone(() => openSync(`/proc/self/fd/${look}`, constants.O_RDONLY));
    } finally {
      closeSync(look);
    }
  }
}
