import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  chmodSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { makeNode, readAttributes, setAttribute, setTimes } from '#adapters/libc/inode-calls.ts';
import { codeOf } from './layer-error.ts';

import type { BigIntStats } from 'node:fs';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Copies a directory's content, owners, modes, times, attributes and hard links from one open directory
 * into another. Each step names one component below a descriptor, so no link is followed and none can be
 * slipped in between. Needs /proc of the calling thread's root.
 */
export const copyTree = (from: number, to: number): void => {
  new TreeCopy().directory(from, to);
};

/** What openat(2) and its relatives do: a name below an open directory. */
const below = (directory: number, name: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name]);

class TreeCopy {
  /** First copy of each file with several names. */
  readonly #links = new Map<string, Buffer>();
  /** Descriptors of target directories that hold first copies stay valid only while open: names are kept instead. */
  readonly #targetPath: Buffer[] = [];
  #top = -1;

  directory(from: number, to: number): void {
    if (this.#top < 0) this.#top = to;
    for (const name of readdirSync(`/proc/self/fd/${from}`, { encoding: 'buffer' })) {
      this.#targetPath.push(name);
      this.#item(from, to, name);
      this.#targetPath.pop();
    }
    const stats = fstatSync(from, { bigint: true });
    copyNature(Buffer.from(`/proc/self/fd/${from}/.`), Buffer.from(`/proc/self/fd/${to}/.`), stats);
  }

  #item(from: number, to: number, name: Buffer): void {
    const source = below(from, name);
    const target = below(to, name);
    const stats = lstatSync(source, { bigint: true });
    if (stats.isDirectory()) return this.#subdirectory(source, target);
    if (this.#linked(stats, target)) return undefined;
    copyItem(source, target, stats);
    return undefined;
  }

  #subdirectory(source: Buffer, target: Buffer): void {
    mkdirSync(target, 0o700);
    const from = openSync(source, DIRECTORY);
    try {
      const to = openSync(target, DIRECTORY);
      try {
        this.directory(from, to);
      } finally {
        closeSync(to);
      }
    } finally {
      closeSync(from);
    }
  }

  /** True if the file was copied before under another name and now has this one too. */
  #linked(stats: BigIntStats, target: Buffer): boolean {
    if (stats.nlink < 2n) return false;
    const key = `${stats.dev}:${stats.ino}`;
    const first = this.#links.get(key);
    if (first === undefined) {
      this.#links.set(
        key,
        Buffer.concat(this.#targetPath.flatMap((name, index) => (index === 0 ? [name] : [SLASH, name]))),
      );
      return false;
    }
    linkSync(below(this.#top, first), target);
    return true;
  }
}

const SLASH = Buffer.from('/');

/** Copies one thing that is no directory, with all that belongs to it; sockets stay behind. */
export const copyItem = (source: Buffer, target: Buffer, stats: BigIntStats): void => {
  if (stats.isSocket()) return;
  if (stats.isFile()) copyFile(source, target);
  else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(source, { encoding: 'buffer' }), target);
  else makeNode(target, Number(stats.mode), stats.rdev);
  copyNature(source, target, stats);
};

/** Owner, mode, attributes and times. */
export const copyNature = (source: Buffer, target: Buffer, stats: BigIntStats): void => {
  lchownSync(target, Number(stats.uid), Number(stats.gid));
  if (!stats.isSymbolicLink()) chmodSync(target, Number(stats.mode) & 0o7777);
  copyAttributes(source, target);
  setTimes(target, timeOf(stats));
};

const copyFile = (source: Buffer, target: Buffer): void => {
  const descriptor = openSync(source, FILE);
  try {
    copyFileSync(`/proc/self/fd/${descriptor}`, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } finally {
    closeSync(descriptor);
  }
};

const copyAttributes = (source: Buffer, target: Buffer): void => {
  for (const [name, value] of readAttributes(source)) {
    if (name.startsWith('trusted.overlay.')) continue;
    try {
      setAttribute(target, name, value);
    } catch (error) {
      // The other file system may not know this kind; the copy is still of use.
      if (!['ENOTSUP', 'EOPNOTSUPP', 'EPERM'].includes(codeOf(error))) throw error;
    }
  }
};

export const timeOf = ({ mtimeNs }: BigIntStats): { seconds: number; nanoseconds: number } => {
  const seconds = mtimeNs >= 0n ? mtimeNs / 1_000_000_000n : (mtimeNs - 999_999_999n) / 1_000_000_000n;
  return { seconds: Number(seconds), nanoseconds: Number(mtimeNs - seconds * 1_000_000_000n) };
};
