import { readNumber } from '#formats/tar/number-field.ts';
import { invalidHeader } from '#formats/tar/tar-error.ts';

import { BLOCK_BYTES } from '#formats/tar/entry.ts';

/** A header block as it stands, before any extension is applied. */
export type HeaderBlock = {
  readonly typeFlag: string;
  readonly path: Buffer;
  readonly linkPath: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly userName: string;
  readonly groupName: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
};

const EMPTY = Buffer.alloc(0);
const CHECKSUM_AT = 148;
const CHECKSUM_END = 156;

export const isZeroBlock = (bytes: Buffer, at: number): boolean => {
  for (let index = at; index < at + BLOCK_BYTES; index += 1) if (bytes[index] !== 0) return false;
  return true;
};

/**
 * Reads the 512 bytes at `at`: v7, ustar (POSIX pax, "ustar Interchange Format"), GNU, or star.
 * Names are copied, so the chunk may be reused.
 */
export const parseHeaderBlock = (bytes: Buffer, at: number): HeaderBlock => {
  checkSum(bytes, at);
  const format = formatOf(bytes, at);
  const hasNames = format !== 'v7';
  const name = readText(bytes, at, 100);
  const prefixLength = format === 'ustar' ? 155 : format === 'star' ? 131 : 0;
  const prefix = prefixLength === 0 ? EMPTY : readText(bytes, at + 345, prefixLength);
  return {
    typeFlag: String.fromCharCode(bytes[at + 156] ?? 0),
    path: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    linkPath: readText(bytes, at + 157, 100),
    mode: readNumber(bytes, at + 100, 8) & 0o7777,
    uid: readNumber(bytes, at + 108, 8),
    gid: readNumber(bytes, at + 116, 8),
    sizeBytes: readNumber(bytes, at + 124, 12),
    mtimeSeconds: readNumber(bytes, at + 136, 12),
    userName: hasNames ? readText(bytes, at + 265, 32).toString() : '',
    groupName: hasNames ? readText(bytes, at + 297, 32).toString() : '',
    deviceMajor: hasNames ? readNumber(bytes, at + 329, 8) : 0,
    deviceMinor: hasNames ? readNumber(bytes, at + 337, 8) : 0,
  };
};

const formatOf = (bytes: Buffer, at: number): 'v7' | 'ustar' | 'gnu' | 'star' => {
  const magic = bytes.toString('latin1', at + 257, at + 265);
  if (magic === 'ustar  \0') return 'gnu';
  if (!magic.startsWith('ustar')) return 'v7';
  return bytes.toString('latin1', at + 508, at + 512) === 'tar\0' ? 'star' : 'ustar';
};

/** Bytes up to the first NUL, copied. */
const readText = (bytes: Buffer, at: number, length: number): Buffer => {
  if (bytes[at] === 0) return EMPTY;
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end));
};

/** The sum counts its own field as spaces; some old writers summed signed bytes, so both are right. */
const checkSum = (bytes: Buffer, at: number): void => {
  let unsigned = 8 * 0x20;
  let highBytes = 0;
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    if (index >= CHECKSUM_AT && index < CHECKSUM_END) continue;
    const byte = bytes[at + index] ?? 0;
    unsigned += byte;
    highBytes += byte >> 7;
  }
  const stored = readNumber(bytes, at + CHECKSUM_AT, 8);
  if (stored !== unsigned && stored !== unsigned - 256 * highBytes)
    throw invalidHeader('the checksum is wrong');
};
