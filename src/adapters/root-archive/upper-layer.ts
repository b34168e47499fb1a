import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { ROOT_GROUND } from '#domain/container/mounts/root-ground.ts';
import { DirectoryHandle, unlessGone } from './tree-handle.ts';

import type { BigIntStats } from 'node:fs';

/** Folders of one overlay root; `lowers` from the top down. */
export type LayerFolders = { readonly upper: string; readonly lowers: readonly string[] };

/** Something in a writable layer, or something of the image that it hides. */
export type UpperItem = {
  /** One character per byte, no leading slash. */
  readonly path: string;
  readonly name: Buffer;
  readonly parent: DirectoryHandle;
  readonly kind: 'added' | 'modified' | 'same' | 'deleted';
  /** Absent for what is deleted. */
  readonly stats?: BigIntStats;
  /** A directory that hides all the image has in its place. */
  readonly opaque: boolean;
  /** Deleted with all else by the mark on its directory. */
  readonly isHidden?: boolean;
};

/** Open directories are closed when the walk goes on. */
type Visit = (item: UpperItem) => void;

/** Made with the root, where other engines keep a layer of their own. */
const GROUND = new Map(ROOT_GROUND.map((item) => [item.path, item]));
const OWN_FOLDERS = new Set(
  ROOT_GROUND.flatMap(({ path, kind }) => [...(kind === 'directory' ? [path] : []), posix.dirname(path)]),
);
/** Their times tell of our files, not of the container. */
const TOUCHED = new Set(['', 'etc', 'dev']);
const OPAQUE = 'trusted.overlay.opaque';

/**
 * Visits a writable layer of overlayfs, parents first, names in byte order. What stands for a deletion there
 * (a character device 0/0; a directory marked opaque) comes as what it means: `deleted`.
 */
export const walkUpper = ({ upper, lowers }: LayerFolders, visit: Visit): void => {
  using top = new DirectoryHandle(upper);
  const below = lowers.map((path) => new DirectoryHandle(path));
  try {
    walk({ path: '', directory: top, below }, visit);
  } finally {
    for (const handle of below) handle[Symbol.dispose]();
  }
};

type Place = {
  readonly path: string;
  readonly directory: DirectoryHandle;
  /** The same directory in the image's layers, as far as one shows through another. */
  readonly below: readonly DirectoryHandle[];
};

const walk = (place: Place, visit: Visit): void => {
  const { path, directory, below } = place;
  const names = directory.names().toSorted((one, other) => Buffer.compare(one, other));
  for (const name of names) {
    const stats = directory.statOf(name);
    if (stats === undefined) continue;
    const child = path === '' ? name.toString('latin1') : `${path}/${name.toString('latin1')}`;
    const beneath = findBelow(below, name);
    try {
      visitOne({ child, name, stats, place, beneath }, visit);
    } finally {
      for (const handle of beneath?.folders ?? []) handle[Symbol.dispose]();
    }
  }
};

type Beneath = { readonly stats: BigIntStats; readonly folders: readonly DirectoryHandle[] };

type Seen = {
  readonly child: string;
  readonly name: Buffer;
  readonly stats: BigIntStats;
  readonly place: Place;
  readonly beneath: Beneath | undefined;
};

const visitOne = (seen: Seen, visit: Visit): void => {
  const { child, name, stats, place, beneath } = seen;
  const common = { path: child, name, parent: place.directory };
  if (isWhiteout(stats)) {
    if (beneath !== undefined) visit({ ...common, kind: 'deleted', opaque: false });
  } else if (stats.isDirectory() && OWN_FOLDERS.has(child) && beneath?.stats.isDirectory() !== true) {
    descend({ child, name, place, folders: [] }, visit);
  } else if (stats.isDirectory()) visitFolder(seen, visit);
  else if (!isOurs(seen)) visit({ ...common, kind: kindOf(seen), stats, opaque: false });
};

const kindOf = ({ child, stats, beneath }: Seen): 'added' | 'modified' | 'same' => {
  if (beneath === undefined) return GROUND.has(child) ? 'modified' : 'added';
  return isSame(child, stats, beneath.stats) ? 'same' : 'modified';
};

const visitFolder = (seen: Seen, visit: Visit): void => {
  const { child, name, stats, place } = seen;
  const folders = seen.beneath?.folders ?? [];
  using inside = place.directory.open(name);
  if (inside === undefined) return;
  const opaque = seen.beneath !== undefined && inside.attributes().get(OPAQUE)?.toString() === 'y';
  visit({ path: child, name, parent: place.directory, kind: kindOf(seen), stats, opaque });
  if (opaque) visitHidden({ child, inside, folders }, visit);
  walk({ path: child, directory: inside, below: opaque ? [] : folders }, visit);
};

type Inner = { readonly child: string; readonly folders: readonly DirectoryHandle[] };

const descend = (
  { child, name, place, folders }: Inner & { readonly name: Buffer; readonly place: Place },
  visit: Visit,
): void => {
  using inside = place.directory.open(name);
  if (inside !== undefined) walk({ path: child, directory: inside, below: folders }, visit);
};

/** What an opaque directory takes away: names of the image that it does not have itself. */
const visitHidden = (
  { child, inside, folders }: Inner & { readonly inside: DirectoryHandle },
  visit: Visit,
): void => {
  const own = new Set(inside.names().map((name) => name.toString('latin1')));
  const hidden = new Set(folders.flatMap((folder) => folder.names().map((name) => name.toString('latin1'))));
  for (const text of [...hidden].toSorted()) {
    if (own.has(text)) continue;
    const name = Buffer.from(text, 'latin1');
    const beneath = findBelow(folders, name);
    for (const handle of beneath?.folders ?? []) handle[Symbol.dispose]();
    if (beneath !== undefined)
      visit({
        path: `${child}/${text}`,
        name,
        parent: inside,
        kind: 'deleted',
        opaque: false,
        isHidden: true,
      });
  }
};

/** What the image shows under a name, through its layers from the top down. */
const findBelow = (layers: readonly DirectoryHandle[], name: Buffer): Beneath | undefined => {
  let stats: BigIntStats | undefined;
  const folders: DirectoryHandle[] = [];
  for (const layer of layers) {
    const present = layer.statOf(name);
    if (present === undefined) continue;
    if (isWhiteout(present)) break;
    stats ??= present;
    if (!present.isDirectory()) break;
    const folder = layer.open(name);
    if (folder === undefined) break;
    folders.push(folder);
    if (folder.attributes().get(OPAQUE)?.toString() === 'y') break;
  }
  return stats === undefined ? undefined : { stats, folders };
};

const isWhiteout = (stats: BigIntStats): boolean => stats.isCharacterDevice() && stats.rdev === 0n;

/** As it was laid, whatever the image has there. */
const isOurs = ({ child, name, stats, place }: Seen): boolean => {
  const item = GROUND.get(child);
  if (item?.kind === 'file') return stats.isFile() && stats.size === 0n;
  if (item?.kind !== 'link' || !stats.isSymbolicLink()) return false;
  return unlessGone(() => readlinkSync(place.directory.below(name), 'utf8')) === item.target;
};

/** A directory that is here only because something below it is. Files are here because they were changed. */
const isSame = (path: string, upper: BigIntStats, lower: BigIntStats): boolean =>
  upper.isDirectory() &&
  lower.isDirectory() &&
  upper.mode === lower.mode &&
  upper.uid === lower.uid &&
  upper.gid === lower.gid &&
  (TOUCHED.has(path) || upper.mtimeNs === lower.mtimeNs);
