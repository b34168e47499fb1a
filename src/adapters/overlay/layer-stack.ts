import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { readAttributes } from '#adapters/libc/inode-calls.ts';
import { codeOf } from './layer-error.ts';
import { baseOf, joinPath, parentOf } from './layer-path.ts';

import type { BigIntStats } from 'node:fs';
import type { LayerPath } from './layer-path.ts';

/** The mark of overlayfs on a directory that hides all below it. */
export const OPAQUE = 'trusted.overlay.opaque';
const MAX_LINKS = 40;
/** Directories remembered at a time. */
const REMEMBERED = 10_000;
const SLASH = Buffer.from('/');

export type Found = { readonly path: LayerPath; readonly native: Buffer; readonly stats: BigIntStats };

type Seen = Omit<Found, 'path'> & { readonly folders: readonly Buffer[] };

/**
 * What unpacked layers show together, read without a mount. Each name is looked up as one component below a
 * directory that is known to be one, and links are followed on paper, so nothing leads out of the layers.
 */
export class LayerStack {
  readonly #tops: readonly Buffer[];
  readonly #folders = new Map<LayerPath, readonly Buffer[]>();

  /** Folders from the top down. */
  constructor(folders: readonly string[]) {
    this.#tops = folders.map((folder) => Buffer.from(folder));
  }

  /** What is at the path; no link is followed. */
  see(path: LayerPath): Found | undefined {
    const [top] = this.#tops;
    if (top === undefined) return undefined;
    if (path === '') return { path, native: top, stats: lstatSync(top, { bigint: true }) };
    const seen = look(this.#foldersAt(parentOf(path)), baseOf(path));
    return seen && { path, native: seen.native, stats: seen.stats };
  }

  /** The same, links on the way followed; `path` is where they lead. */
  follow(path: LayerPath, isLastFollowed: boolean): Found | undefined {
    let at = '';
    let links = 0;
    for (let rest = path.split('/'); rest.length > 0;) {
      const [part = '', ...after] = rest;
      rest = after;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        at = parentOf(at);
        continue;
      }
      const next = joinPath(at, part);
      const found = this.see(next);
      if (found === undefined) return undefined;
      if (!found.stats.isSymbolicLink() || (rest.length === 0 && !isLastFollowed)) {
        at = next;
        continue;
      }
      if ((links += 1) > MAX_LINKS) return undefined;
      const target = readlinkSync(found.native, { encoding: 'buffer' }).toString('latin1');
      if (target.startsWith('/')) at = '';
      rest = [...target.split('/'), ...rest];
    }
    return this.see(at);
  }

  /** Names in a directory of any of the layers, whether they show or not. */
  names(path: LayerPath): Set<string> {
    const all = this.#foldersAt(path).flatMap((folder) => readdirSync(folder, { encoding: 'latin1' }));
    return new Set(all);
  }

  /** Directories came or went. */
  forget(): void {
    this.#folders.clear();
  }

  #foldersAt(path: LayerPath): readonly Buffer[] {
    if (path === '') return this.#tops;
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const folders = look(this.#foldersAt(parentOf(path)), baseOf(path))?.folders ?? [];
    if (this.#folders.size >= REMEMBERED) this.#folders.clear();
    this.#folders.set(path, folders);
    return folders;
  }
}

/** A name in a directory that several layers have, from the top down. */
const look = (parents: readonly Buffer[], name: string): Seen | undefined => {
  let seen: Omit<Seen, 'folders'> | undefined;
  const folders: Buffer[] = [];
  for (const parent of parents) {
    const native = inside(parent, name);
    const stats = statsAt(native);
    if (stats === undefined) continue;
    if (isWhiteout(stats)) break;
    // Below a directory only directories show through.
    if (seen !== undefined && !stats.isDirectory()) break;
    seen ??= { native, stats };
    if (!stats.isDirectory()) break;
    folders.push(native);
    if (readAttributes(native).get(OPAQUE)?.toString() === 'y') break;
  }
  return seen && { ...seen, folders };
};

export const inside = (folder: Buffer, path: LayerPath): Buffer =>
  path === '' ? folder : Buffer.concat([folder, SLASH, Buffer.from(path, 'latin1')]);

/** Undefined where nothing is, or can be. */
export const statsAt = (native: Buffer): BigIntStats | undefined => {
  try {
    return lstatSync(native, { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error))) return undefined;
    throw error;
  }
};

const isWhiteout = (stats: BigIntStats): boolean => stats.isCharacterDevice() && stats.rdev === 0n;
