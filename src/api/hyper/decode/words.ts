import { EngineError } from '#domain/error/engine-error.ts';

/** The words of a JSON array of strings; undefined for any other text. */
export const decodeWords = (text: string): readonly string[] | undefined => {
  if (text === '' || text === 'null') return [];
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // Not JSON.
  }
  return undefined;
};

/**
 * A command: a JSON array as every client sends it, or a line as the documents show it.
 * Throws `invalid` code `exec.no-command`.
 */
export const decodeCommand = (text: string | undefined): readonly string[] => {
  const words = decodeWords(text ?? '') ?? (text ?? '').split(/\s+/u).filter((word) => word !== '');
  if (words.length === 0) throw new EngineError('invalid', 'exec.no-command', 'command is required');
  return words;
};

/** Three words are yes, whatever their case. */
export const isYes = (text: string | undefined): boolean => /^(?:yes|true|on)$/iu.test((text ?? '').trim());
