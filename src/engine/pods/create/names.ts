import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const COUNT = 10;

/** Ten random letters. */
export const randomLetters = (): string =>
  Array.from({ length: COUNT }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** The last word of an image's name; '' when it is no host name label. */
export const imageWord = (image: string): string => {
  const word = lastWord(image);
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(word) ? word : '';
};

const lastWord = (image: string): string => image.split('@')[0]?.split('/').at(-1)?.split(':')[0] ?? '';

export const containerName = (podId: string, image: string, suffix: string | number): string =>
  `${podId}-${imageWord(image)}-${suffix}`;
