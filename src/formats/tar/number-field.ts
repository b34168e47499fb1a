import { invalidHeader } from '#formats/tar/tar-error.ts';

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;

/**
 * A numeric header field: octal text (POSIX pax, "ustar Interchange Format"), or GNU's base-256 when the
 * first bit is set. Padding of spaces and NULs on either side is accepted; an empty field is 0.
 */
export const readNumber = (block: Uint8Array, at: number, length: number): number =>
  ((block[at] ?? 0) & 0x80) === 0 ? readOctal(block, at, at + length) : readBase256(block, at, at + length);

const readOctal = (block: Uint8Array, start: number, end: number): number => {
  let at = start;
  while (at < end && isPadding(block[at])) at += 1;
  let value = 0;
  for (; at < end && !isPadding(block[at]); at += 1) {
    const digit = block[at] ?? 0;
    if (digit < ZERO || digit > SEVEN) throw invalidHeader('a number is not octal');
    value = value * 8 + (digit - ZERO);
  }
  return checkSafe(value);
};

const isPadding = (byte: number | undefined): boolean => byte === 0 || byte === SPACE;

const readBase256 = (block: Uint8Array, start: number, end: number): number => {
  const isNegative = ((block[start] ?? 0) & 0x40) !== 0;
  const invert = isNegative ? 0xff : 0;
  let value = ((block[start] ?? 0) ^ invert) & 0x7f;
  for (let at = start + 1; at < end; at += 1) value = checkSafe(value * 256 + ((block[at] ?? 0) ^ invert));
  return isNegative ? -value - 1 : value;
};

const checkSafe = (value: number): number => {
  if (value > Number.MAX_SAFE_INTEGER) throw invalidHeader('a number is too large');
  return value;
};

/** Largest value that fits an octal field of this width with its closing NUL. */
export const octalLimit = (length: number): number => 8 ** (length - 1) - 1;

/** Writes octal with leading zeros and a closing NUL. The caller has checked `octalLimit`. */
export const writeOctal = (block: Buffer, at: number, length: number, value: number): void => {
  block.write(value.toString(8).padStart(length - 1, '0'), at, length - 1, 'latin1');
  block[at + length - 1] = 0;
};
