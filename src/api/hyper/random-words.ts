import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ALPHANUMERICS = '0123456789abcdefghijklmnopqrstuvwxyz';
const COUNT = 10;

const randomWord = (alphabet: string): string =>
  Array.from({ length: COUNT }, () => alphabet[randomInt(alphabet.length)]).join('');

/** Ten, as ids of hyperd have them. */
export const randomLetters = (): string => randomWord(LETTERS);

/** Ten, as names of older pods that were given none. */
export const randomAlphanumerics = (): string => randomWord(ALPHANUMERICS);
