import { isUtf8 } from 'node:buffer';

/**
 * Text that stands for any bytes, names of files above all: UTF-8 where they are that, and a character of a private
 * plane for each byte that is not. Bytes that spell such a character count as bytes that are not, so nothing is lost.
 */
const FIRST = 0x10_ff_00;
const MARKS = /[\u{10ff80}-\u{10ffff}]/u;
const ALL_MARKS = new RegExp(MARKS.source, 'gu');

/** The text of bytes. */
export const textOfBytes = (bytes: Uint8Array): string => {
  if (isUtf8(bytes)) {
    const text = Buffer.from(bytes).toString('utf8');
    if (!MARKS.test(text)) return text;
  }
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const size = sizeAt(bytes, at);
    text += size === 0 ? markOf(bytes[at] ?? 0) : Buffer.from(bytes.subarray(at, at + size)).toString('utf8');
    at += Math.max(size, 1);
  }
  return text;
};

/** The bytes of a text: exactly those that it was made of. */
export const bytesOfText = (text: string): Buffer => {
  if (!MARKS.test(text)) return Buffer.from(text);
  return Buffer.concat(
    Array.from(text, (character) =>
      MARKS.test(character) ? Buffer.from([(character.codePointAt(0) ?? 0) - FIRST]) : Buffer.from(character),
    ),
  );
};

/** For people, and for JSON that others read: each byte that is no text as the sign for it. */
export const shownText = (text: string): string => text.replaceAll(ALL_MARKS, '\uFFFD');

const markOf = (byte: number): string => String.fromCodePoint(FIRST + byte);

/** Of the character that begins here; 0 where none does, or one that marks a byte. */
const sizeAt = (bytes: Uint8Array, at: number): number => {
  for (let size = 1; size <= 4 && at + size <= bytes.length; size += 1) {
    const part = bytes.subarray(at, at + size);
    if (isUtf8(part)) return MARKS.test(Buffer.from(part).toString('utf8')) ? 0 : size;
  }
  return 0;
};
