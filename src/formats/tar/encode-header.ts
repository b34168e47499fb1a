import { BLOCK_BYTES, paddingAfter } from '#formats/tar/entry.ts';
import { octalLimit, writeOctal } from '#formats/tar/number-field.ts';
import { encodeXattrName, formatPaxRecord, formatPaxTime } from '#formats/tar/pax-records.ts';
import { unwritable } from '#formats/tar/tar-error.ts';

import type { TarHeader, TarTime } from '#formats/tar/entry.ts';

const FLAGS: Readonly<Record<TarHeader['kind'], string>> = {
  file: '0',
  'hard-link': '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

const DEFAULT_MODES: Partial<Record<TarHeader['kind'], number>> = { directory: 0o755, symlink: 0o777 };

const EPOCH: TarTime = { seconds: 0, nanoseconds: 0 };
const SLASH = 0x2f;
const EMPTY = Buffer.alloc(0);
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** The two zero blocks that close an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK_BYTES);

/** The zeros that follow content of this size. */
export const tarPadding = (sizeBytes: number): Buffer => ZEROS.subarray(0, paddingAfter(sizeBytes));

/**
 * Header blocks of one entry: ustar where everything fits, with a PAX extended header in front where
 * it does not (long names, ids past 2,097,151, sizes past 8 GiB, times with fractions or out of range,
 * attributes). The content and `tarPadding` of its size follow. Names are written byte for byte.
 * Throws `invalid`, code `tar.unwritable`, for names with NUL bytes and numbers no tar can hold.
 */
export const encodeTarHeader = (header: TarHeader): Buffer => {
  const path = pathOf(header);
  const linkPath = header.linkPath === undefined ? EMPTY : bytesOf('link target', header.linkPath);
  const records: Buffer[] = [];
  const name = splitName(path, records);
  const block = Buffer.alloc(BLOCK_BYTES);
  name.base.copy(block, 0);
  name.prefix.copy(block, 345);
  linkPath.copy(block, 157, 0, 100);
  if (linkPath.length > 100) records.push(formatPaxRecord('linkpath', linkPath));
  writeOctal(block, 100, 8, (header.mode ?? DEFAULT_MODES[header.kind] ?? 0o644) & 0o7777);
  writeNumbers(block, header, records);
  writeTime(block, header.modified ?? EPOCH, records);
  writeOwners(block, header, records);
  for (const [key, value] of header.xattrs ?? []) records.push(formatPaxRecord(encodeXattrName(key), value));
  seal(block, FLAGS[header.kind]);
  return records.length === 0 ? block : Buffer.concat([paxHeader(path, records), block]);
};

const pathOf = (header: TarHeader): Buffer => {
  const path = bytesOf('path', header.path);
  if (path.length === 0) throw unwritable('an entry has no name');
  const lacksSlash = header.kind === 'directory' && path.at(-1) !== SLASH;
  return lacksSlash ? Buffer.concat([path, Buffer.of(SLASH)]) : path;
};

const bytesOf = (field: string, name: string | Uint8Array): Buffer => {
  const bytes = typeof name === 'string' ? Buffer.from(name) : Buffer.from(name);
  if (bytes.includes(0)) throw unwritable(`a ${field} has a NUL byte`);
  return bytes;
};

/** Fits a path into name and prefix, or adds a PAX record and leaves a shortened name for old readers. */
const splitName = (path: Buffer, records: Buffer[]): { base: Buffer; prefix: Buffer } => {
  if (path.length <= 100) return { base: path, prefix: EMPTY };
  // The slash between the two is not stored; the name must not be empty.
  const cut = path.lastIndexOf(SLASH, Math.min(155, path.length - 2));
  if (cut > 0 && path.length - cut - 1 <= 100)
    return { base: path.subarray(cut + 1), prefix: path.subarray(0, cut) };
  records.push(formatPaxRecord('path', path));
  return { base: path.subarray(0, 100), prefix: EMPTY };
};

/** Numeric fields by place and width; those with a keyword may move into a PAX record when they are too large. */
const NUMBER_FIELDS = [
  { field: 'uid', at: 108, length: 8, keyword: 'uid' },
  { field: 'gid', at: 116, length: 8, keyword: 'gid' },
  { field: 'sizeBytes', at: 124, length: 12, keyword: 'size' },
  { field: 'deviceMajor', at: 329, length: 8, keyword: '' },
  { field: 'deviceMinor', at: 337, length: 8, keyword: '' },
] as const;

const writeNumbers = (block: Buffer, header: TarHeader, records: Buffer[]): void => {
  const sizeBytes = header.sizeBytes ?? 0;
  if (header.kind !== 'file' && sizeBytes !== 0) throw unwritable(`a ${header.kind} has no content`);
  for (const { field, at, length, keyword } of NUMBER_FIELDS) {
    const value = header[field] ?? 0;
    const fits = value <= octalLimit(length);
    if (!isCount(value) || (!fits && keyword === '')) throw unwritable(`${field} ${value} is out of range`);
    writeOctal(block, at, length, fits ? value : 0);
    if (!fits) records.push(formatPaxRecord(keyword, String(value)));
  }
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const writeTime = (block: Buffer, modified: TarTime, records: Buffer[]): void => {
  const { seconds, nanoseconds } = modified;
  const fits = seconds >= 0 && seconds <= octalLimit(12);
  writeOctal(block, 136, 12, fits ? seconds : 0);
  if (!fits || nanoseconds !== 0) records.push(formatPaxRecord('mtime', formatPaxTime(modified)));
};

const writeOwners = (block: Buffer, header: TarHeader, records: Buffer[]): void => {
  for (const [at, keyword, name] of [
    [265, 'uname', header.userName ?? ''],
    [297, 'gname', header.groupName ?? ''],
  ] as const) {
    const bytes = bytesOf(keyword, name);
    bytes.copy(block, at, 0, 31);
    if (bytes.length > 31) records.push(formatPaxRecord(keyword, bytes));
  }
};

const seal = (block: Buffer, typeFlag: string): void => {
  block.write(typeFlag, 156, 1, 'latin1');
  block.write('ustar\u000000', 257, 8, 'latin1');
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  writeOctal(block, 148, 7, sum);
};

const paxHeader = (path: Buffer, records: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(records);
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write('PaxHeaders.0/', 0, 'latin1');
  path.copy(block, 13, 0, 87);
  writeOctal(block, 100, 8, 0o644);
  for (const at of [108, 116]) writeOctal(block, at, 8, 0);
  writeOctal(block, 124, 12, body.length);
  writeOctal(block, 136, 12, 0);
  seal(block, 'x');
  return Buffer.concat([block, body, tarPadding(body.length)]);
};
