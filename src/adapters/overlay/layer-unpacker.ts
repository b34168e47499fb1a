import {
  fchmodSync,
  fchownSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  chmodSync,
  openSync,
  closeSync,
  writeSync,
  constants,
} from 'node:fs';
import { deviceNumber, nodeTypes, setAttribute, setTimes } from '#adapters/libc/inode-calls.ts';
import { badEntry, codeOf, toLayerError } from './layer-error.ts';
import { LayerTree } from './layer-tree.ts';
import { baseOf, joinPath, parentOf, toLayerPath, toNative, toText } from './layer-path.ts';

import type { TarEntry } from '#formats/tar/entry.ts';
import type { TarHandlers } from '#formats/tar/tar-parser.ts';
import type { LayerPath } from './layer-path.ts';
import type { Unsettled } from './layer-tree.ts';

const WHITEOUT = '.wh.';
const WHITEOUT_META = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';
const AUFS_LINKS = '.wh..wh.plnk';
const SPECIAL_BITS = 0o7000;
/** chown(2) takes 4294967295 for "leave as it is". */
const MAX_ID = 4_294_967_294;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** What is left to do for a directory at the end: an archive may have a million. */
type Nature = Pick<TarEntry, 'uid' | 'gid' | 'mode' | 'modified'> & { readonly xattrs?: TarEntry['xattrs'] };

type OpenFile = {
  readonly path: LayerPath;
  readonly entry: TarEntry;
  readonly descriptor: number;
  position: number;
  hasHoles: boolean;
};

/**
 * Turns the entries of a layer tar into files below the thread's root: owners, modes, times, links,
 * devices, attributes (OCI image spec, layer.md). Directories get their modes, times and attributes last, in
 * `finish`. What depends on the layers below, whiteouts first of all, is left in `unsettled`.
 */
export class LayerUnpacker implements TarHandlers {
  readonly #tree = new LayerTree((path) => this.#forget(path));
  readonly #directories = new Map<LayerPath, Nature>();
  readonly #warnings = new Set<string>();
  #file: OpenFile | undefined;
  #sizeBytes = 0;

  /** Bytes of all files, holes included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Attributes this machine would not take, one line per attribute name. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /** After `finish`. */
  get unsettled(): Unsettled {
    return this.#tree.unsettled;
  }

  onEntry(entry: TarEntry): void {
    const path = toLayerPath(entry.path);
    try {
      if (entry.uid > MAX_ID || entry.gid > MAX_ID) throw badEntry(path, 'its owner is out of range');
      const base = baseOf(path);
      if (base.startsWith(WHITEOUT)) this.#onWhiteout(parentOf(path), base);
      // Below aufs's own folders lies nothing of the image, but hard links lead to one of them.
      else if (!path.includes(WHITEOUT_META)) this.#make(path, entry);
      else if (path.startsWith(`${AUFS_LINKS}/`) && entry.kind !== 'directory') this.#make(path, entry);
    } catch (error) {
      throw toLayerError(path, error);
    }
  }

  onData(buffer: Buffer, start: number, end: number): void {
    const file = this.#file;
    if (file === undefined) return;
    try {
      for (let at = start; at < end;) {
        const position = file.hasHoles ? file.position : null;
        const written = writeSync(file.descriptor, buffer, at, end - at, position);
        at += written;
        file.position += written;
      }
    } catch (error) {
      throw toLayerError(file.path, error);
    }
  }

  onHole(length: number): void {
    if (this.#file === undefined) return;
    this.#file.hasHoles = true;
    this.#file.position += length;
  }

  onEntryEnd(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      this.#finishFile(file);
    } catch (error) {
      throw toLayerError(file.path, error);
    } finally {
      closeSync(file.descriptor);
    }
  }

  /** After the last entry. */
  finish(): void {
    this.#tree.drop(AUFS_LINKS);
    for (const [path, entry] of this.#directories)
      try {
        this.#finishDirectory(path, entry);
      } catch (error) {
        throw toLayerError(path, error);
      }
  }

  /** Closes what an interrupted archive left open. */
  abandon(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  #onWhiteout(parent: LayerPath, base: string): void {
    if (base === OPAQUE) this.#tree.markOpaque(parent);
    else if (!base.startsWith(WHITEOUT_META)) {
      const hidden = base.slice(WHITEOUT.length);
      if (hidden === '' || hidden === '.' || hidden === '..')
        throw badEntry(joinPath(parent, base), 'it hides nothing');
      this.#tree.makeWhiteout(joinPath(parent, hidden));
    }
  }

  #make(path: LayerPath, entry: TarEntry): void {
    switch (entry.kind) {
      case 'file':
        return this.#startFile(path, entry);
      case 'directory':
        this.#tree.makeDirectory(path);
        this.#directories.set(path, natureOf(entry));
        return undefined;
      case 'symlink':
        this.#tree.makeSymlink(path, entry.linkPath);
        return this.#finishByPath(path, entry);
      case 'hard-link':
        return this.#tree.makeLink(path, toLayerPath(entry.linkPath));
      case 'character-device':
        return this.#makeNode(path, entry, nodeTypes.character);
      case 'block-device':
        return this.#makeNode(path, entry, nodeTypes.block);
      case 'fifo':
        return this.#makeNode(path, entry, nodeTypes.fifo);
      case 'other':
        // Volume labels and the like of GNU tar's backups name no file.
        if ('VMDN'.includes(entry.typeFlag)) return undefined;
        throw badEntry(path, `its type "${entry.typeFlag}" is unknown`);
    }
  }

  #startFile(path: LayerPath, entry: TarEntry): void {
    const descriptor = this.#tree.createFile(path, entry.mode & 0o777);
    this.#file = { path, entry, descriptor, position: 0, hasHoles: false };
    this.#sizeBytes += entry.sizeBytes;
  }

  #makeNode(path: LayerPath, entry: TarEntry, type: number): void {
    const device = type === nodeTypes.fifo ? 0n : deviceNumber(entry.deviceMajor, entry.deviceMinor);
    // What overlayfs writes for a deletion.
    if (type === nodeTypes.character && device === 0n) return this.#tree.makeWhiteout(path);
    this.#tree.makeNode(path, type | (entry.mode & 0o777), device);
    return this.#finishByPath(path, entry);
  }

  #finishFile({ path, entry, descriptor, position, hasHoles }: OpenFile): void {
    // A hole at the end is length without bytes.
    if (hasHoles) ftruncateSync(descriptor, position);
    const { uid, gid, mode } = entry;
    if (uid !== 0 || gid !== 0) fchownSync(descriptor, uid, gid);
    // After chown, which takes setuid away.
    if ((mode & SPECIAL_BITS) !== 0) fchmodSync(descriptor, mode);
    this.#setAttributes(path, entry);
    this.#setTimes(path, entry, descriptor);
  }

  #finishDirectory(path: LayerPath, entry: Nature): void {
    const descriptor = openSync(toNative(path), DIRECTORY);
    try {
      if (entry.uid !== 0 || entry.gid !== 0) fchownSync(descriptor, entry.uid, entry.gid);
      fchmodSync(descriptor, entry.mode);
      this.#setAttributes(path, entry);
      this.#setTimes(path, entry, descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Links and nodes, which must not be opened. */
  #finishByPath(path: LayerPath, entry: TarEntry): void {
    const native = toNative(path);
    if (entry.uid !== 0 || entry.gid !== 0) lchownSync(native, entry.uid, entry.gid);
    if (entry.kind !== 'symlink' && (entry.mode & SPECIAL_BITS) !== 0) chmodSync(native, entry.mode);
    this.#setAttributes(path, entry);
    setTimes(native, entry.modified);
  }

  #setTimes(path: LayerPath, entry: Nature, descriptor: number): void {
    const { seconds, nanoseconds } = entry.modified;
    // Node's times are doubles, exact for whole seconds only; and it takes a time before 1970 for now.
    if (nanoseconds === 0 && seconds >= 0) futimesSync(descriptor, seconds, seconds);
    else setTimes(toNative(path), entry.modified);
  }

  #setAttributes(
    path: LayerPath,
    { xattrs = [] }: { readonly xattrs?: Iterable<readonly [string, Buffer]> },
  ): void {
    for (const [name, value] of xattrs) {
      // These steer overlayfs itself; an image has no business with them.
      if (name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.')) continue;
      try {
        setAttribute(toNative(path), name, value);
      } catch (error) {
        if (!['ENOTSUP', 'EOPNOTSUPP', 'EPERM'].includes(codeOf(error))) throw error;
        this.#warnings.add(
          `attribute ${name} cannot be set here (${codeOf(error)}), first at ${toText(path)}`,
        );
      }
    }
  }

  #forget(path: LayerPath): void {
    this.#directories.delete(path);
    const below = `${path}/`;
    for (const key of this.#directories.keys()) if (key.startsWith(below)) this.#directories.delete(key);
  }
}

const natureOf = ({ uid, gid, mode, modified, xattrs }: TarEntry): Nature =>
  xattrs.size === 0 ? { uid, gid, mode, modified } : { uid, gid, mode, modified, xattrs };
