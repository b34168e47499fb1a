import { check, koffi, libc, SystemCallError } from './library.ts';

/**
 * What Node's fs lacks: device nodes, extended attributes, exact times, flushing one file system.
 * Paths may be bytes that are not UTF-8. All of it blocks the calling thread.
 */

export type NativePath = string | Uint8Array;

const mknodCall = libc.func('int mknod(const void *path, unsigned int mode, uint64_t device)');
const lsetxattrCall = libc.func(
  'int lsetxattr(const void *path, const void *name, const void *value, size_t size, int flags)',
);
const llistxattrCall = libc.func('long llistxattr(const void *path, void *list, size_t size)');
const lgetxattrCall = libc.func(
  'long lgetxattr(const void *path, const void *name, void *value, size_t size)',
);
const utimensatCall = libc.func(
  'int utimensat(int directory, const void *path, const void *times, int flags)',
);
const syncfsCall = libc.func('int syncfs(int descriptor)');

/** File type bits of mknod(2). */
export const nodeTypes = { fifo: 0o010000, character: 0o020000, block: 0o060000 } as const;

const currentDirectory = -100;
const noFollow = 0x100;
const noData = 61;
const notSupported = 95;

/** makedev(3): the 64-bit device number of glibc. */
export const deviceNumber = (major: number, minor: number): bigint => {
  const wide = { major: BigInt(major), minor: BigInt(minor) };
  return (
    ((wide.major & 0xfffn) << 8n) |
    ((wide.major & 0xfffff000n) << 32n) |
    (wide.minor & 0xffn) |
    ((wide.minor & 0xffffff00n) << 12n)
  );
};

/** mknod(2). `mode` has the type bits. */
export const makeNode = (path: NativePath, mode: number, device: bigint): void => {
  check('mknod', mknodCall(terminated(path), mode, device) as number, String(path));
};

/** lsetxattr(2): never follows a link. Each character of `name` is one byte. */
export const setAttribute = (path: NativePath, name: string, value: Uint8Array): void => {
  const result = lsetxattrCall(terminated(path), attributeName(name), value, value.length, 0) as number;
  check('lsetxattr', result, name);
};

/** All extended attributes of a path, never following a link; empty where the file system has none. */
export const readAttributes = (path: NativePath): Map<string, Buffer> => {
  const attributes = new Map<string, Buffer>();
  const list = sized(
    'llistxattr',
    (buffer, size) => llistxattrCall(terminated(path), buffer, size) as number,
  );
  for (const name of (list ?? Buffer.alloc(0)).toString('latin1').split('\0')) {
    if (name === '') continue;
    const value = sized(
      'lgetxattr',
      (buffer, size) => lgetxattrCall(terminated(path), attributeName(name), buffer, size) as number,
    );
    if (value !== undefined) attributes.set(name, value);
  }
  return attributes;
};

/** Access and modification time to the nanosecond; a link's own, not its target's. */
export const setTimes = (path: NativePath, time: { seconds: number; nanoseconds: number }): void => {
  const times = Buffer.alloc(32);
  for (const at of [0, 16]) {
    times.writeBigInt64LE(BigInt(time.seconds), at);
    times.writeBigInt64LE(BigInt(time.nanoseconds), at + 8);
  }
  check(
    'utimensat',
    utimensatCall(currentDirectory, terminated(path), times, noFollow) as number,
    String(path),
  );
};

/** syncfs(2): everything written to the file system of this descriptor is on disk afterwards. */
export const syncFileSystem = (descriptor: number): void => {
  check('syncfs', syncfsCall(descriptor) as number);
};

const NUL = Buffer.alloc(1);
const terminated = (path: NativePath): Buffer =>
  Buffer.concat([typeof path === 'string' ? Buffer.from(path) : path, NUL]);
const attributeName = (name: string): Buffer => Buffer.from(`${name}\0`, 'latin1');

/** Calls twice, for the size and for the bytes. Undefined where there is nothing to read any more. */
const sized = (call: string, read: (buffer: Buffer | null, size: number) => number): Buffer | undefined => {
  const size = read(null, 0);
  if (size < 0 && [noData, notSupported].includes(koffi.errno())) return undefined;
  check(call, size);
  const buffer = Buffer.alloc(size);
  const length = size === 0 ? 0 : read(buffer, size);
  if (length < 0) throw new SystemCallError(call, koffi.errno());
  return buffer.subarray(0, length);
};
