import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { posix } from 'node:path';
import { bytesOfText, shownText, textOfBytes } from '#lib/byte-text.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { codeOf, unlessGone } from './tree-handle.ts';
import { openRegular } from './write-tree.ts';

import type { BigIntStats } from 'node:fs';
import type { MountPoint } from '#domain/container/config.ts';
import type { FileKind, PathStat } from '#engine/ports/root-archive.ts';

/** Paths as clients write them (docker-semantics.md 12.1), for a thread whose root is the container's. */

export type Place = {
  /** For system calls. */
  readonly path: string;
  /** How the thing is called in answers. */
  readonly name: string;
  readonly stats: BigIntStats;
};

/** Finds the thing; a trailing `/` or `/.` says that it is a directory and follows a last link. */
export const findPlace = (asked: string, follow: boolean): Place => {
  const clean = cleanPath(asked);
  if (follow) return followed(asked, clean);
  const saysDot = /(?:^|\/)\.\/*$/u.test(asked);
  const saysDirectory = saysDot || asked.endsWith('/');
  const path = saysDirectory && clean !== '/' ? `${clean}/` : clean;
  const name = saysDot ? '.' : posix.basename(clean) || '/';
  return { path, name, stats: looked(asked, () => lstatSync(bytesOfText(path), { bigint: true })) };
};

const followed = (asked: string, clean: string): Place => {
  const path = looked(asked, () => realPath(clean));
  return {
    path,
    name: posix.basename(path) || '/',
    stats: looked(asked, () => lstatSync(bytesOfText(path), { bigint: true })),
  };
};

/** A regular file, open before anything is said of it: what is said then stays true whatever the container does. */
export const holdFile = (
  asked: string,
  { path, stats }: Place,
): (Disposable & { readonly descriptor: number }) | undefined => {
  if (!stats.isFile()) return undefined;
  const descriptor = openRegular(bytesOfText(path));
  if (descriptor === undefined) throw notFound(asked);
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
};

/** A directory to unpack into, all links followed. */
export const findTarget = (asked: string): string => {
  const clean = cleanPath(asked);
  const stats = looked(asked, () => statSync(bytesOfText(clean)));
  if (!stats.isDirectory()) throw notADirectory(asked);
  return looked(asked, () => realPath(clean));
};

/** Names of files are bytes: here they are text of bytes, and bytes for the kernel alone. */
const realPath = (path: string): string =>
  textOfBytes(realpathSync.native(bytesOfText(path), { encoding: 'buffer' }));

const cleanPath = (asked: string): string => {
  const clean = posix.join('/', asked);
  return clean !== '/' && clean.endsWith('/') ? clean.slice(0, -1) : clean;
};

const looked = <Result>(asked: string, look: () => Result): Result => {
  try {
    return look();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENAMETOOLONG') throw notFound(asked, error);
    if (code === 'ENOTDIR') throw notADirectory(asked);
    throw error;
  }
};

const notFound = (path: string, cause?: unknown): EngineError =>
  new EngineError('not-found', 'archive.not-found', `${shownText(path)}: no such file or directory`, {
    params: { path: shownText(path) },
    cause,
  });

const notADirectory = (path: string): EngineError =>
  new EngineError('invalid', 'archive.not-a-directory', `${shownText(path)}: not a directory`, {
    params: { path: shownText(path) },
  });

/** Refuses what the container itself could not write. */
export const checkWritable = (
  path: string,
  { mounts, readonlyRoot }: { readonly mounts: readonly MountPoint[]; readonly readonlyRoot: boolean },
): void => {
  const holds = ({ destination }: MountPoint): boolean =>
    path === destination || path.startsWith(destination === '/' ? '/' : `${destination}/`);
  const [deepest] = mounts
    .filter(holds)
    .toSorted((one, other) => other.destination.length - one.destination.length);
  if (deepest?.writable === false) throw readOnly('archive.read-only-volume', 'mounted volume');
  if (deepest === undefined && readonlyRoot) throw readOnly('archive.read-only-root', 'container rootfs');
};

export const readOnly = (code: string, what: string): EngineError =>
  new EngineError('forbidden', code, `${what} is marked read-only`);

export const describePlace = ({ path, name, stats }: Place): PathStat => ({
  name: shownText(name),
  sizeBytes: Number(stats.size),
  kind: kindOf(stats),
  permissions: Number(stats.mode) & 0o7777,
  modifiedAt: Number(stats.mtimeNs / 1000n) / 1000,
  linkTarget: stats.isSymbolicLink() ? shownText(targetOf(path)) : '',
});

/** Where a link leads, also when nothing is there. */
const targetOf = (path: string): string => {
  try {
    return realPath(path);
  } catch {
    try {
      return posix.resolve(
        posix.dirname(`${realPath(posix.dirname(path))}/x`),
        textOfBytes(readlinkSync(bytesOfText(path), { encoding: 'buffer' })),
      );
    } catch {
      return '';
    }
  }
};

const kindOf = (stats: BigIntStats): FileKind => {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return stats.isCharacterDevice() ? 'character-device' : 'block-device';
};

const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Content of a regular file, links followed; undefined when it is missing, something else or longer. */
export const readSmallFile = (path: string, limitBytes: number): Uint8Array | undefined => {
  const descriptor = unlessGone(() => openSync(bytesOfText(path), READ));
  if (descriptor === undefined) return undefined;
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > limitBytes) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return Uint8Array.from(bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0)));
  } finally {
    closeSync(descriptor);
  }
};
