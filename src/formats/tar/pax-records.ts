import { invalidHeader } from '#formats/tar/tar-error.ts';

import type { TarTime } from '#formats/tar/entry.ts';

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/**
 * Records of a PAX extended header ("%d keyword=value\n", POSIX pax, "pax Extended Header").
 * Values stay bytes: xattrs are binary and names need not be UTF-8. Keywords are read as latin1, one
 * character per byte. Repeated keywords are kept in order: GNU's sparse format 0.0 needs them.
 */
export const parsePaxRecords = (bytes: Buffer): [keyword: string, value: Buffer][] => {
  const records: [string, Buffer][] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = at + recordLength(bytes, at);
    const keywordAt = bytes.indexOf(SPACE, at) + 1;
    const equalsAt = bytes.indexOf(EQUALS, keywordAt);
    if (end > bytes.length || equalsAt < 0 || equalsAt >= end || equalsAt === keywordAt)
      throw invalidHeader('a PAX record is malformed');
    if (bytes[end - 1] !== NEWLINE) throw invalidHeader('a PAX record has no end');
    records.push([bytes.toString('latin1', keywordAt, equalsAt), bytes.subarray(equalsAt + 1, end - 1)]);
    at = end;
  }
  return records;
};

const recordLength = (bytes: Buffer, at: number): number => {
  const spaceAt = bytes.indexOf(SPACE, at);
  // 15 digits are past any limit; a longer search would be quadratic on garbage.
  const digits = spaceAt < 0 || spaceAt - at > 15 ? '' : bytes.toString('latin1', at, spaceAt);
  if (!/^[0-9]+$/.test(digits) || Number(digits) <= digits.length + 1)
    throw invalidHeader('a PAX record has no length');
  return Number(digits);
};

/** One record with its own length in front, which counts itself. */
export const formatPaxRecord = (keyword: string, value: Uint8Array | string): Buffer => {
  const body = Buffer.concat([
    Buffer.from(` ${keyword}=`, 'latin1'),
    typeof value === 'string' ? Buffer.from(value) : value,
    Buffer.of(NEWLINE),
  ]);
  let length = body.length + String(body.length).length;
  if (String(length).length > String(body.length).length) length += 1;
  return Buffer.concat([Buffer.from(String(length), 'latin1'), body]);
};

/** A decimal integer record (`uid`, `size`, sparse numbers). */
export const parsePaxInteger = (keyword: string, value: Buffer): number => {
  const text = value.toString('latin1');
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(number)) throw invalidHeader(`${keyword} is no number`);
  return number;
};

/** `mtime`: seconds with an optional sign and fraction; digits past nanoseconds are cut. */
export const parsePaxTime = (keyword: string, value: Buffer): TarTime => {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(value.toString('latin1'));
  if (match === null) throw invalidHeader(`${keyword} is no time`);
  const seconds = Number(match[2]);
  const nanoseconds = Number((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
  if (match[1] !== '-') return { seconds, nanoseconds };
  // -1.25 is two seconds back and 0.75 forward; `0 -` keeps a plain zero out of "-0".
  return nanoseconds === 0
    ? { seconds: 0 - seconds, nanoseconds: 0 }
    : { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
};

export const formatPaxTime = ({ seconds, nanoseconds }: TarTime): string => {
  if (nanoseconds === 0) return String(seconds);
  const isBefore1970 = seconds < 0;
  const whole = isBefore1970 ? -seconds - 1 : seconds;
  const fraction = String(isBefore1970 ? 1e9 - nanoseconds : nanoseconds).padStart(9, '0');
  return `${isBefore1970 ? '-' : ''}${whole}.${fraction.replace(/0+$/, '')}`;
};

export const XATTR_PREFIX = 'SCHILY.xattr.';

/** GNU tar writes `=` and `%` of attribute names as `%3D` and `%25`, as `=` ends a keyword. */
export const decodeXattrName = (keyword: string): string =>
  keyword.slice(XATTR_PREFIX.length).replaceAll('%3D', '=').replaceAll('%25', '%');

export const encodeXattrName = (name: string): string =>
  XATTR_PREFIX + name.replaceAll('%', '%25').replaceAll('=', '%3D');
