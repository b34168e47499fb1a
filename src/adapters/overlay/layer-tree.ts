import {
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  constants,
  readdirSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { deviceNumber, makeNode, nodeTypes, setAttribute } from '#adapters/libc/inode-calls.ts';
import { badEntry, codeOf } from './layer-error.ts';
import { joinPath, parentOf, toNative } from './layer-path.ts';

import type { LayerPath } from './layer-path.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const OPAQUE = 'trusted.overlay.opaque';
const YES = Buffer.from('y');

/**
 * The files of a layer under construction. Paths are relative to the thread's working directory, which
 * must be the layer's root and the thread's root: that is what keeps links inside. Creating first and
 * repairing after a refusal makes the common case one system call.
 */
export class LayerTree {
  readonly #whiteouts = new Set<LayerPath>();
  readonly #onReplaced: (path: LayerPath) => void;

  /** `onReplaced` hears of every directory that gives way to a later entry, with all below it. */
  constructor(onReplaced: (path: LayerPath) => void) {
    this.#onReplaced = onReplaced;
  }

  /** A new empty file, open for writing. */
  createFile(path: LayerPath, mode: number): number {
    const native = toNative(path);
    return this.#create(path, () => openSync(native, NEW_FILE, mode));
  }

  /** Keeps a directory that is there. Closed to others until its final mode is set. */
  makeDirectory(path: LayerPath, mode = 0o700): void {
    if (path === '') return;
    const native = toNative(path);
    const wasWhiteout = this.#whiteouts.has(path);
    this.#create(path, () => {
      try {
        mkdirSync(native, mode);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST' || !lstatSync(native).isDirectory()) throw error;
      }
    });
    // Removed and made anew: what lower layers have below it must not show.
    if (wasWhiteout) this.markOpaque(path);
  }

  makeSymlink(path: LayerPath, target: Buffer): void {
    this.#create(path, () => symlinkSync(target, toNative(path)));
  }

  /** A second name for a file of this layer. */
  makeLink(path: LayerPath, target: LayerPath): void {
    if (path === target) return;
    try {
      this.#create(path, () => linkSync(toNative(target), toNative(path)));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw badEntry(path, `its link target "${target}" is not in the layer`);
      if (codeOf(error) === 'EPERM') throw badEntry(path, `its link target "${target}" is a directory`);
      throw error;
    }
  }

  makeNode(path: LayerPath, mode: number, device: bigint): void {
    this.#create(path, () => makeNode(toNative(path), mode, device));
  }

  /** Hides what lower layers have at the path (overlayfs: a character device 0/0). */
  makeWhiteout(path: LayerPath): void {
    const present = lstatSync(toNative(path), { throwIfNoEntry: false });
    // Of one layer's entries the file wins over its whiteout, which speaks of lower layers only.
    if (present?.isDirectory() === true) return this.markOpaque(path);
    if (present !== undefined) return;
    this.makeNode(path, nodeTypes.character, deviceNumber(0, 0));
    this.#whiteouts.add(path);
  }

  /** Hides all that lower layers have in the directory. */
  markOpaque(path: LayerPath): void {
    if (path !== '' && lstatSync(toNative(path), { throwIfNoEntry: false })?.isDirectory() !== true)
      this.makeDirectory(path, 0o755);
    setAttribute(toNative(path), OPAQUE, YES);
  }

  #create<Result>(path: LayerPath, make: () => Result): Result {
    if (path === '') throw badEntry(path, 'the root of a layer is a directory');
    try {
      return make();
    } catch (error) {
      // A whiteout may stand where a parent has to be.
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) this.#makeParents(parentOf(path));
      else if (codeOf(error) !== 'EEXIST') throw error;
      this.#remove(path);
      return make();
    }
  }

  /** Directories the archive does not name. A link to a directory is as good as one. */
  #makeParents(path: LayerPath): void {
    if (path === '') return undefined;
    const native = toNative(path);
    if (statSync(native, { throwIfNoEntry: false })?.isDirectory() === true) return undefined;
    this.#makeParents(parentOf(path));
    if (this.#whiteouts.has(path)) return this.makeDirectory(path, 0o755);
    const present = lstatSync(native, { throwIfNoEntry: false });
    if (present !== undefined) throw badEntry(path, 'it has entries below it but is no directory');
    return mkdirSync(native, 0o755);
  }

  #remove(path: LayerPath): void {
    const native = toNative(path);
    const present = lstatSync(native, { throwIfNoEntry: false });
    if (present === undefined) return;
    this.#whiteouts.delete(path);
    if (!present.isDirectory()) return unlinkSync(native);
    this.#onReplaced(path);
    removeDirectory(path);
  }
}

const removeDirectory = (path: LayerPath): void => {
  for (const item of readdirSync(toNative(path), { withFileTypes: true, encoding: 'latin1' })) {
    const below = joinPath(path, item.name);
    if (item.isDirectory()) removeDirectory(below);
    else unlinkSync(toNative(below));
  }
  rmdirSync(toNative(path));
};
