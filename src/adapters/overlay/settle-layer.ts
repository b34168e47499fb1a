import { linkSync, mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { deviceNumber, makeNode, nodeTypes, setAttribute, setTimes } from '#adapters/libc/inode-calls.ts';
import { copyItem, copyNature, timeOf } from './copy-tree.ts';
import { badEntry, toLayerError } from './layer-error.ts';
import { baseOf, joinPath, parentOf } from './layer-path.ts';
import { inside, LayerStack, OPAQUE, statsAt } from './layer-stack.ts';
import { removeTree } from './remove-tree.ts';

import type { BigIntStats } from 'node:fs';
import type { LayerPath } from './layer-path.ts';
import type { Found } from './layer-stack.ts';
import type { Unsettled } from './layer-tree.ts';

const YES = Buffer.from('y');

/**
 * What an archive says of the layers below it, done to the unpacked layer in the folder `diff`: directories it does
 * not name become as they are there, links that lead there get their file, and deletions become overlayfs's marks
 * where there is something to delete. Below means `below`, from the top down.
 */
export const settleLayer = (diff: string, below: readonly string[], unsettled: Unsettled): void =>
  new Settling(diff, below).run(unsettled);

class Settling {
  readonly #diff: Buffer;
  readonly #below: LayerStack;
  /** This layer, deletions aside, on those below. */
  readonly #merged: LayerStack;
  #whiteouts = new Set<LayerPath>();
  #opaques = new Set<LayerPath>();
  /** Directories that change inside and must not look it. */
  readonly #times = new Map<LayerPath, BigIntStats>();
  /** Directories that become as they are below. */
  readonly #inherited = new Map<LayerPath, Found>();
  /** Files of lower layers that have a name in this one. */
  readonly #copies = new Map<LayerPath, LayerPath>();

  constructor(diff: string, below: readonly string[]) {
    this.#diff = Buffer.from(diff);
    this.#below = new LayerStack(below);
    this.#merged = new LayerStack([diff, ...below]);
  }

  run({ implied, assumed, whiteouts, opaques, links }: Unsettled): void {
    this.#whiteouts = new Set(whiteouts);
    this.#opaques = new Set(opaques);
    const parentsFirst = implied.toSorted((one, other) => one.length - other.length);
    for (const path of parentsFirst) guarded(path, () => this.#moveBehindLink(path));
    this.#whiteouts = this.#resolved(whiteouts);
    this.#opaques = this.#resolved(opaques);
    for (const path of parentsFirst) this.#inherit(path);
    for (const path of assumed) this.#checkAssumed(path);
    for (const [path, target] of links) guarded(path, () => this.#link(path, target));
    for (const path of this.#opaques) guarded(path, () => this.#hideInside(path));
    for (const path of this.#whiteouts) guarded(path, () => this.#hide(path));
    for (const [path, stats] of this.#times) this.#restoreTimes(path, stats);
    for (const [path, { native, stats }] of this.#inherited) copyNature(native, this.#own(path), stats);
  }

  /** A directory that was only meant as the way to something, where a lower layer has a link to another place. */
  #moveBehindLink(path: LayerPath): void {
    if (this.#isHidden(path) || this.#below.see(path)?.stats.isSymbolicLink() !== true) return;
    if (this.#ownStats(path)?.isDirectory() !== true) return;
    const target = this.#below.follow(path, true);
    if (target?.stats.isDirectory() !== true || !this.#isFree(target.path)) return;
    this.#makeDirectory(target.path);
    this.#moveInto(path, target.path);
    this.#touch(parentOf(path));
    rmdirSync(this.#own(path));
    this.#merged.forget();
  }

  #moveInto(from: LayerPath, to: LayerPath): void {
    this.#touch(to);
    for (const name of readdirSync(this.#own(from), { encoding: 'latin1' })) {
      const [source, target] = [joinPath(from, name), joinPath(to, name)];
      const present = this.#ownStats(target);
      if (present?.isDirectory() === true && this.#ownStats(source)?.isDirectory() === true) {
        this.#moveInto(source, target);
        rmdirSync(this.#own(source));
      } else {
        if (present !== undefined) removeTree(this.#own(target));
        renameSync(this.#own(source), this.#own(target));
      }
    }
  }

  #inherit(path: LayerPath): void {
    const place = this.#place(path);
    if (place === undefined || this.#ownStats(place)?.isDirectory() !== true) return;
    const lower = this.#isHidden(place) ? undefined : this.#below.see(place);
    if (lower?.stats.isDirectory() === true) this.#inherited.set(place, lower);
  }

  #checkAssumed(path: LayerPath): void {
    const place = this.#place(path);
    if (place === undefined || !this.#inherited.has(place))
      throw badEntry(path, 'a link leads there, but there is no directory');
  }

  /** Puts the file in the place of the empty one. In its own place below it gets a copy too: it is one file. */
  #link(path: LayerPath, target: LayerPath): void {
    const place = this.#place(path);
    if (place === undefined) return;
    const found = this.#below.follow(target, false) ?? this.#merged.follow(target, false);
    if (found === undefined || found.stats.isDirectory())
      throw badEntry(path, `its link target "${target}" is neither in the layer nor below it`);
    this.#touch(parentOf(place));
    unlinkSync(this.#own(place));
    const copy = this.#copies.get(found.path);
    if (copy !== undefined) return linkSync(this.#own(copy), this.#own(place));
    if (found.native.equals(this.#own(found.path))) return linkSync(found.native, this.#own(place));
    if (this.#isHidden(found.path) || !this.#isFree(found.path)) {
      copyItem(found.native, this.#own(place), found.stats);
      return void this.#copies.set(found.path, place);
    }
    this.#makeDirectory(parentOf(found.path));
    this.#touch(parentOf(found.path));
    copyItem(found.native, this.#own(found.path), found.stats);
    linkSync(this.#own(found.path), this.#own(place));
    return void this.#copies.set(found.path, found.path);
  }

  #hideInside(path: LayerPath): void {
    if (path === '') return this.#hideAll();
    if (this.#isCovered(path) || this.#below.see(path)?.stats.isDirectory() !== true) return undefined;
    const own = this.#ownStats(path);
    if (own !== undefined && !own.isDirectory()) return undefined;
    this.#makeDirectory(path);
    return setAttribute(this.#own(path), OPAQUE, YES);
  }

  /** Overlayfs does not look for the mark on a layer's root. */
  #hideAll(): void {
    this.#opaques.delete('');
    for (const name of this.#below.names('')) this.#whiteouts.add(name);
  }

  /** A mark that hides nothing would be seen. */
  #hide(path: LayerPath): void {
    const lower = this.#isCovered(path) ? undefined : this.#below.see(path);
    if (lower === undefined) return undefined;
    const own = this.#ownStats(path);
    if (own?.isDirectory() === true)
      return lower.stats.isDirectory() ? setAttribute(this.#own(path), OPAQUE, YES) : undefined;
    if (own !== undefined || this.#ownStats(parentOf(path))?.isDirectory() === false) return undefined;
    this.#makeDirectory(parentOf(path));
    this.#touch(parentOf(path));
    return makeNode(this.#own(path), nodeTypes.character, deviceNumber(0, 0));
  }

  /** A directory in this layer, as it is below. */
  #makeDirectory(path: LayerPath): void {
    if (path === '' || this.#ownStats(path)?.isDirectory() === true) return;
    this.#makeDirectory(parentOf(path));
    this.#touch(parentOf(path));
    mkdirSync(this.#own(path), 0o755);
    this.#merged.forget();
    const lower = this.#below.see(path);
    if (lower?.stats.isDirectory() === true) this.#inherited.set(path, lower);
  }

  #touch(path: LayerPath): void {
    const stats = this.#times.has(path) ? undefined : this.#ownStats(path);
    if (stats !== undefined) this.#times.set(path, stats);
  }

  #restoreTimes(path: LayerPath, stats: BigIntStats): void {
    if (this.#ownStats(path)?.ino === stats.ino) setTimes(this.#own(path), timeOf(stats));
  }

  /** Where a name of the archive lies, links on the way followed; undefined where there is no way. */
  #place(path: LayerPath): LayerPath | undefined {
    if (path === '') return path;
    const parent = this.#merged.follow(parentOf(path), true);
    return parent?.stats.isDirectory() === true ? joinPath(parent.path, baseOf(path)) : undefined;
  }

  #resolved(paths: readonly LayerPath[]): Set<LayerPath> {
    return new Set(paths.flatMap((path) => this.#place(path) ?? []));
  }

  /** Deleted by this layer. */
  #isHidden(path: LayerPath): boolean {
    return this.#whiteouts.has(path) || this.#isCovered(path);
  }

  /** Deleted with a directory that it was in. */
  #isCovered(path: LayerPath): boolean {
    for (let at = path; at !== '';) {
      at = parentOf(at);
      if (this.#whiteouts.has(at) || this.#opaques.has(at)) return true;
    }
    return false;
  }

  /** This layer has nothing else in the place of a thing below, nor on the way to it. */
  #isFree(path: LayerPath): boolean {
    for (let at = parentOf(path); at !== ''; at = parentOf(at))
      if (this.#ownStats(at)?.isDirectory() === false) return false;
    const own = this.#ownStats(path);
    return own === undefined || own.isDirectory();
  }

  #own(path: LayerPath): Buffer {
    return inside(this.#diff, path);
  }

  /** Looked at as a place below real directories of this layer. */
  #ownStats(path: LayerPath): BigIntStats | undefined {
    return statsAt(this.#own(path));
  }
}

const guarded = (path: LayerPath, work: () => void): void => {
  try {
    work();
  } catch (error) {
    throw toLayerError(path, error);
  }
};
