import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { makeNode } from '#adapters/libc/inode-calls.ts';
import { badEntry, codeOf } from './layer-error.ts';
import { joinPath, parentOf, toNative } from './layer-path.ts';

import type { LayerPath } from './layer-path.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const MAX_LINKS = 40;

/** What an archive leaves to the layers below its own: see settle-layer.ts. */
export type Unsettled = {
  /** Directories the archive does not name, as they lie in the layer. */
  readonly implied: readonly LayerPath[];
  /** Those of them that are there for a link's sake: a layer below must have them. */
  readonly assumed: readonly LayerPath[];
  readonly whiteouts: readonly LayerPath[];
  readonly opaques: readonly LayerPath[];
  /** Names, each an empty file so far, and what they are a second name of. */
  readonly links: readonly (readonly [LayerPath, LayerPath])[];
};

/**
 * The files of a layer under construction. Paths are relative to the thread's working directory, which
 * must be the layer's root and the thread's root: that is what keeps links inside. Creating first and
 * repairing after a refusal makes the common case one system call.
 */
export class LayerTree {
  readonly #implied = new Set<LayerPath>(['']);
  readonly #assumed = new Set<LayerPath>();
  readonly #whiteouts = new Set<LayerPath>();
  readonly #opaques = new Set<LayerPath>();
  readonly #links = new Map<LayerPath, LayerPath>();
  /** What the empty files that stand for links are to become, by inode. */
  readonly #placeholders = new Map<bigint, LayerPath>();
  readonly #onReplaced: (path: LayerPath) => void;

  /** `onReplaced` hears of every directory that gives way to a later entry, with all below it. */
  constructor(onReplaced: (path: LayerPath) => void) {
    this.#onReplaced = onReplaced;
  }

  get unsettled(): Unsettled {
    return {
      implied: [...this.#implied],
      assumed: [...this.#assumed].filter((path) => this.#implied.has(path)),
      whiteouts: [...this.#whiteouts],
      opaques: [...this.#opaques],
      links: [...this.#links],
    };
  }

  /** A new empty file, open for writing. */
  createFile(path: LayerPath, mode: number): number {
    const native = toNative(path);
    return this.#create(path, () => openSync(native, NEW_FILE, mode));
  }

  /** Keeps a directory that is there. Closed to others until its final mode is set. */
  makeDirectory(path: LayerPath): void {
    if (path === '') return void this.#implied.delete('');
    const native = toNative(path);
    return this.#create(path, () => {
      try {
        mkdirSync(native, 0o700);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST' || !lstatSync(native).isDirectory()) throw error;
        this.#implied.delete(realPlace(path));
      }
    });
  }

  makeSymlink(path: LayerPath, target: Buffer): void {
    this.#create(path, () => symlinkSync(target, toNative(path)));
  }

  /** A second name for a file of this layer or, as settling it finds out, of one below. */
  makeLink(path: LayerPath, target: LayerPath): void {
    if (path === target) return;
    try {
      this.#create(path, () => linkSync(toNative(target), toNative(path)));
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return this.#putOff(path, target);
      if (codeOf(error) === 'EPERM') throw badEntry(path, `its link target "${target}" is a directory`);
      throw error;
    }
    if (this.#placeholders.size === 0) return;
    const later = this.#placeholders.get(lstatSync(toNative(path), { bigint: true }).ino);
    if (later !== undefined) this.#links.set(path, later);
  }

  makeNode(path: LayerPath, mode: number, device: bigint): void {
    this.#create(path, () => makeNode(toNative(path), mode, device));
  }

  /** Hides what lower layers have at the path; of one layer's entries the file wins over its whiteout. */
  makeWhiteout(path: LayerPath): void {
    this.#whiteouts.add(path);
  }

  /** Hides all that lower layers have in the directory. */
  markOpaque(path: LayerPath): void {
    this.#opaques.add(path);
  }

  /** Takes a directory with all below it out of the layer again. */
  drop(path: LayerPath): void {
    this.#remove(path);
  }

  #putOff(path: LayerPath, target: LayerPath): void {
    const descriptor = this.createFile(path, 0o600);
    this.#placeholders.set(fstatSync(descriptor, { bigint: true }).ino, target);
    closeSync(descriptor);
    this.#links.set(path, target);
  }

  #create<Result>(path: LayerPath, make: () => Result): Result {
    if (path === '') throw badEntry(path, 'the root of a layer is a directory');
    try {
      return make();
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) this.#makeParents(parentOf(path));
      else if (codeOf(error) !== 'EEXIST') throw error;
      this.#remove(path);
      return make();
    }
  }

  /** Directories the archive does not name. A link to a directory is as good as one. */
  #makeParents(path: LayerPath, depth = 0): void {
    if (path === '') return undefined;
    const native = toNative(path);
    if (statSync(native, { throwIfNoEntry: false })?.isDirectory() === true) return undefined;
    this.#makeParents(parentOf(path), depth);
    const present = lstatSync(native, { throwIfNoEntry: false });
    if (present === undefined) {
      mkdirSync(native, 0o755);
      return void this.#implied.add(realPlace(path));
    }
    if (!present.isSymbolicLink() || depth >= MAX_LINKS) throw noDirectory(path);
    return this.#makeTarget(path, depth + 1);
  }

  /** What a link of this layer leads to may lie below. */
  #makeTarget(path: LayerPath, depth: number): void {
    const link = readlinkSync(toNative(path), { encoding: 'buffer' }).toString('latin1');
    const parts = link.startsWith('/') ? [] : realPlace(parentOf(path)).split('/');
    for (const part of link.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.') parts.push(part);
    }
    const target = parts.filter((part) => part !== '').join('/');
    if (target === path) throw noDirectory(path);
    this.#makeParents(target, depth);
    if (statSync(toNative(path), { throwIfNoEntry: false })?.isDirectory() !== true) throw noDirectory(path);
    this.#assumed.add(realPlace(target));
  }

  #remove(path: LayerPath): void {
    const native = toNative(path);
    const present = lstatSync(native, { throwIfNoEntry: false, bigint: true });
    if (present === undefined) return;
    if (!present.isDirectory()) {
      if (this.#links.delete(path) && present.nlink === 1n) this.#placeholders.delete(present.ino);
      return unlinkSync(native);
    }
    this.#onReplaced(path);
    this.#forget(path);
    removeDirectory(path);
  }

  #forget(path: LayerPath): void {
    const below = `${path}/`;
    this.#implied.delete(path);
    for (const known of [this.#implied, this.#links])
      for (const key of known.keys()) if (key.startsWith(below)) known.delete(key);
  }
}

const noDirectory = (path: LayerPath): Error => badEntry(path, 'it has entries below it but is no directory');

/** Where a directory of this layer really lies. */
const realPlace = (path: LayerPath): LayerPath =>
  realpathSync.native(toNative(path), { encoding: 'buffer' }).toString('latin1').slice(1);

const removeDirectory = (path: LayerPath): void => {
  for (const item of readdirSync(toNative(path), { withFileTypes: true, encoding: 'latin1' })) {
    const below = joinPath(path, item.name);
    if (item.isDirectory()) removeDirectory(below);
    else unlinkSync(toNative(below));
  }
  rmdirSync(toNative(path));
};
