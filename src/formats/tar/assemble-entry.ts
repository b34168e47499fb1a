import { decodeXattrName, parsePaxInteger, parsePaxTime, XATTR_PREFIX } from '#formats/tar/pax-records.ts';
import { sparseFromPax } from '#formats/tar/sparse-map.ts';
import { fieldTooLong, invalidHeader } from '#formats/tar/tar-error.ts';

import type { TarEntry, TarKind, TarLimits, TarTime } from '#formats/tar/entry.ts';
import type { HeaderBlock } from '#formats/tar/header-block.ts';
import type { SparseInfo } from '#formats/tar/sparse-map.ts';

/** What came before a header and belongs to it. */
export type Extensions = {
  readonly global: readonly [string, Buffer][];
  readonly local: readonly [string, Buffer][];
  readonly longName: Buffer | undefined;
  readonly longLink: Buffer | undefined;
};

export type Assembled = {
  readonly entry: TarEntry;
  /** Bytes that follow in the archive, without padding. */
  readonly storedBytes: number;
  readonly sparse: SparseInfo | undefined;
};

const KINDS: Readonly<Record<string, TarKind>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hard-link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  S: 'file',
};

const EMPTY = Buffer.alloc(0);
const NO_XATTRS: ReadonlyMap<string, Buffer> = new Map();

/** Puts a header block and its extensions together. Order of precedence: PAX local, PAX global, GNU long names, header. */
export const assembleEntry = (
  block: HeaderBlock,
  extensions: Extensions,
  limits: TarLimits,
  oldSparseBytes?: number,
): Assembled => {
  const pax = mergeRecords(extensions);
  const sparse = sparseFromPax(extensions.local);
  const path = sparse?.path ?? pax.get('path') ?? extensions.longName ?? block.path;
  const kind = kindOf(block, path);
  const storedBytes = storedBytesOf(block, kind, pax.get('size'));
  const realBytes = sparse?.realSizeBytes ?? oldSparseBytes ?? storedBytes;
  const entry: TarEntry = {
    kind,
    typeFlag: block.typeFlag,
    path: checkName('path', path, limits),
    linkPath: linkPathOf(kind, pax.get('linkpath') ?? extensions.longLink ?? block.linkPath, limits),
    mode: block.mode,
    ...ownersOf(block, pax),
    sizeBytes: kind === 'file' ? realBytes : 0,
    modified: timeOf(pax.get('mtime'), block.mtimeSeconds),
    deviceMajor: block.deviceMajor,
    deviceMinor: block.deviceMinor,
    xattrs: xattrsOf(pax),
  };
  return { entry, storedBytes, sparse: kind === 'file' ? sparse : undefined };
};

const ownersOf = (block: HeaderBlock, pax: ReadonlyMap<string, Buffer>) => ({
  uid: idOf('uid', pax.get('uid'), block.uid),
  gid: idOf('gid', pax.get('gid'), block.gid),
  userName: pax.get('uname')?.toString() ?? block.userName,
  groupName: pax.get('gname')?.toString() ?? block.groupName,
});

const linkPathOf = (kind: TarKind, linkPath: Buffer, limits: TarLimits): Buffer =>
  kind === 'symlink' || kind === 'hard-link' ? checkName('link target', linkPath, limits) : EMPTY;

/** Links, directories and devices may carry a size that nothing follows (Go's reader agrees). */
const storedBytesOf = (block: HeaderBlock, kind: TarKind, record: Buffer | undefined): number => {
  const sizeBytes = record === undefined ? block.sizeBytes : parsePaxInteger('size', record);
  if (sizeBytes < 0) throw invalidHeader('a size is negative');
  return kind === 'file' || kind === 'other' ? sizeBytes : 0;
};

/** An empty value takes a record back (POSIX pax, "pax Extended Header File Times" and following). */
const mergeRecords = ({ global, local }: Extensions): ReadonlyMap<string, Buffer> => {
  const merged = new Map(global);
  for (const [keyword, value] of local) {
    // An attribute may be empty in earnest.
    if (value.length === 0 && !keyword.startsWith(XATTR_PREFIX)) merged.delete(keyword);
    else merged.set(keyword, value);
  }
  return merged;
};

/** Before ustar a directory was a file whose name ends with a slash. */
const kindOf = (block: HeaderBlock, path: Buffer): TarKind =>
  block.typeFlag === '\0' && path.at(-1) === 0x2f ? 'directory' : (KINDS[block.typeFlag] ?? 'other');

const checkName = (field: string, name: Buffer, limits: TarLimits): Buffer => {
  if (name.length > limits.pathBytes) throw fieldTooLong(field, limits.pathBytes);
  if (name.includes(0)) throw invalidHeader(`a ${field} has a NUL byte`);
  return name;
};

const idOf = (keyword: string, record: Buffer | undefined, fromBlock: number): number => {
  const id = record === undefined ? fromBlock : parsePaxInteger(keyword, record);
  if (id < 0) throw invalidHeader(`a ${keyword} is negative`);
  return id;
};

const timeOf = (record: Buffer | undefined, seconds: number): TarTime =>
  record === undefined ? { seconds, nanoseconds: 0 } : parsePaxTime('mtime', record);

const xattrsOf = (pax: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> => {
  let xattrs: Map<string, Buffer> | undefined;
  for (const [keyword, value] of pax) {
    if (!keyword.startsWith(XATTR_PREFIX)) continue;
    xattrs ??= new Map();
    xattrs.set(decodeXattrName(keyword), value);
  }
  return xattrs ?? NO_XATTRS;
};
