import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { deviceNumber, makeNode, nodeTypes, setAttribute, setTimes } from '#adapters/libc/inode-calls.ts';
import { bytesOfText } from '#lib/byte-text.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { codeOf, unlessGone } from './tree-handle.ts';
import { cleanName, nameFault, parentOf, showPath, toNative } from './entry-path.ts';

import type { TarEntry } from '#formats/tar/entry.ts';
import type { TarHandlers } from '#formats/tar/tar-parser.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const OLD_FILE = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW;

export type UnpackOptions = {
  /** Absolute, in the thread's root. */
  readonly target: string;
  readonly keepKinds: boolean;
  readonly owner?: { readonly uid: number; readonly gid: number };
};

type OpenFile = { readonly path: string; readonly entry: TarEntry; readonly descriptor: number };

/** Turns the entries of a client's tar into files below a directory of the thread's root (docker-semantics.md 12.4). */
export class TreeUnpacker implements TarHandlers {
  readonly #options: UnpackOptions;
  readonly #folders = new Map<string, TarEntry>();
  #file: OpenFile | undefined;
  /** The next file is written into the one that is there. */
  #isKept = false;

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  onEntry(entry: TarEntry): void {
    const { target } = this.#options;
    const name = cleanName(entry.path);
    if (name === undefined) throw nameFault('archive.outside', entry.path, target);
    const top = bytesOfText(target).toString('latin1');
    const path = name === '' ? top : `${top === '/' ? '' : top}/${name}`;
    insist(path, () => {
      if (this.#makeRoom(path, name === '', entry)) this.#make(path, top, entry);
    });
  }

  onData(buffer: Buffer, start: number, end: number): void {
    const file = this.#file;
    if (file === undefined) return;
    for (let at = start; at < end;) at += writeSync(file.descriptor, buffer, at, end - at, null);
  }

  onEntryEnd(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      const { uid, gid } = this.#ownerOf(file.entry);
      fchownSync(file.descriptor, uid, gid);
      fchmodSync(file.descriptor, file.entry.mode);
    } finally {
      closeSync(file.descriptor);
    }
    unlessGone(() => {
      this.#setAttributes(file.path, file.entry);
      setTimes(toNative(file.path), file.entry.modified);
    });
  }

  /** After the last entry: what was put into a directory has changed its time. */
  finish(): void {
    for (const [path, entry] of this.#folders) unlessGone(() => setTimes(toNative(path), entry.modified));
  }

  /** Takes back the file that an interrupted archive left half-written. */
  abandon(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    closeSync(file.descriptor);
    try {
      unlinkSync(toNative(file.path));
    } catch (error) {
      // Something is mounted there, or the container was faster.
      if (!['EBUSY', 'ENOENT'].includes(codeOf(error))) throw error;
    }
  }

  /** Makes way for an entry; false where a directory stays as it is. */
  #makeRoom(path: string, isTop: boolean, entry: TarEntry): boolean {
    const present = lstatSync(toNative(path), { throwIfNoEntry: false });
    const isFolder = entry.kind === 'directory';
    if (present === undefined) {
      makeParents(parentOf(path));
      return true;
    }
    if (this.#options.keepKinds && present.isDirectory() !== isFolder)
      throw nameFault(
        present.isDirectory() ? 'archive.over-directory' : 'archive.over-file',
        path,
        this.#options.target,
      );
    if (isTop && present.isDirectory()) return false;
    if (!present.isDirectory() || !isFolder) this.#takeAway(path, present.isFile() && entry.kind === 'file');
    return true;
  }

  /** What is mounted stays, and a file that is may get new content. */
  #takeAway(path: string, isFileForFile: boolean): void {
    this.#isKept = false;
    try {
      removeAll(path);
    } catch (error) {
      if (codeOf(error) !== 'EBUSY') throw error;
      if (!isFileForFile) throw busy(path, error);
      this.#isKept = true;
    }
  }

  #make(path: string, top: string, entry: TarEntry): void {
    const native = toNative(path);
    switch (entry.kind) {
      case 'file': {
        const descriptor = openSync(native, this.#isKept ? OLD_FILE : NEW_FILE, 0o600);
        this.#isKept = false;
        this.#file = { path, entry, descriptor };
        return undefined;
      }
      case 'directory':
        makeFolder(path);
        this.#folders.set(path, entry);
        return this.#finishByPath(path, entry);
      case 'symlink':
        symlinkSync(entry.linkPath, native);
        return this.#finishByPath(path, entry);
      case 'hard-link':
        return this.#link(path, top, entry);
      case 'character-device':
        return this.#node(path, entry, nodeTypes.character);
      case 'block-device':
        return this.#node(path, entry, nodeTypes.block);
      case 'fifo':
        return this.#node(path, entry, nodeTypes.fifo);
      case 'other':
        return undefined;
    }
  }

  #link(path: string, top: string, entry: TarEntry): void {
    const name = cleanName(entry.linkPath);
    if (name === undefined) throw nameFault('archive.outside', entry.linkPath, this.#options.target);
    linkSync(toNative(`${top === '/' ? '' : top}/${name}`), toNative(path));
  }

  #node(path: string, entry: TarEntry, type: number): void {
    const device = type === nodeTypes.fifo ? 0n : deviceNumber(entry.deviceMajor, entry.deviceMinor);
    makeNode(toNative(path), type | (entry.mode & 0o777), device);
    this.#finishByPath(path, entry);
  }

  #finishByPath(path: string, entry: TarEntry): void {
    const native = toNative(path);
    const { uid, gid } = this.#ownerOf(entry);
    // The container may have taken it away already.
    unlessGone(() => {
      lchownSync(native, uid, gid);
      if (entry.kind !== 'symlink') chmodSync(native, entry.mode);
      this.#setAttributes(path, entry);
      if (entry.kind !== 'directory') setTimes(native, entry.modified);
    });
  }

  #ownerOf(entry: TarEntry): { readonly uid: number; readonly gid: number } {
    return this.#options.owner ?? entry;
  }

  #setAttributes(path: string, entry: TarEntry): void {
    for (const [name, value] of entry.xattrs) {
      if (name !== 'security.capability' && !name.startsWith('user.')) continue;
      try {
        setAttribute(toNative(path), name, value);
      } catch (error) {
        if (!['ENOTSUP', 'EOPNOTSUPP', 'EPERM'].includes(codeOf(error))) throw error;
      }
    }
  }
}

/** What a system call says when another changes the same names. */
const CHANGED = new Set(['ENOENT', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'ELOOP', 'ESTALE', 'EXDEV']);
const TRIES = 5;

/** Again, where the container was in the way; but not for ever. */
const insist = (path: string, work: () => void): void => {
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (!CHANGED.has(codeOf(error))) throw error;
      if (tries >= TRIES) throw inTheWay(path, error);
    }
  }
};

const inTheWay = (path: string, cause: unknown): EngineError => {
  const shown = showPath(path);
  const words = `${shown} cannot be written: ${showPath(cause instanceof Error ? cause.message : '')}`;
  return new EngineError('conflict', 'archive.in-the-way', words, { params: { path: shown }, cause });
};

const busy = (path: string, cause: unknown): EngineError => {
  const shown = showPath(path);
  const words = `${shown}: device or resource busy`;
  return new EngineError('conflict', 'archive.busy', words, { params: { path: shown }, cause });
};

const makeFolder = (path: string): void => {
  try {
    mkdirSync(toNative(path), 0o700);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
};

const makeParents = (path: string): void => {
  if (path === '') return;
  try {
    mkdirSync(toNative(path), 0o755);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT') throw error;
    makeParents(parentOf(path));
    makeFolder(path);
    chmodSync(toNative(path), 0o755);
  }
};

const removeAll = (path: string): void => {
  const native = toNative(path);
  if (lstatSync(native, { throwIfNoEntry: false })?.isDirectory() !== true) return unlinkSync(native);
  for (const name of readdirSync(native, { encoding: 'buffer' }))
    removeAll(`${path}/${name.toString('latin1')}`);
  return rmdirSync(native);
};

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Gives a failed system call of an upload its kind. */
export const toUploadError = (cause: unknown): unknown => {
  if (cause instanceof EngineError) return cause;
  const code = codeOf(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (code === 'EROFS')
    return new EngineError('forbidden', 'archive.read-only-root', 'read-only file system', { cause });
  return new EngineError(
    FULL.has(code) ? 'unavailable' : 'internal',
    FULL.has(code) ? 'archive.no-space' : 'archive.write-failed',
    FULL.has(code) ? 'no space left on device' : showPath(reason),
    { params: { error: code }, cause },
  );
};
