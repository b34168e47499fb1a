import { createHash } from 'node:crypto';
import { malformedImage } from './malformed.ts';

const SHA256 = /^sha256:[a-f0-9]{64}$/;

export const digestOf = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const isSha256 = (text: string): boolean => SHA256.test(text);

/** The 64 hex digits of `sha256:...`. */
export const hexOf = (digest: string): string => digest.slice('sha256:'.length);

export const checkDigest = (text: string, at: string): string => {
  if (!isSha256(text)) throw malformedImage(`${at} is no sha256 digest: "${text.slice(0, 80)}"`);
  return text;
};
