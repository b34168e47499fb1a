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
 * Throws `invalid` codes `exec.no-command` and, for JSON of another shape, `exec.command`.
 */
export const decodeCommand = (text = ''): readonly string[] => {
  const words = decodeWords(text) ?? wordsOfLine(text);
  if (words.length === 0) throw new EngineError('invalid', 'exec.no-command', 'command is required');
  return words;
};

const wordsOfLine = (text: string): readonly string[] => {
  if (isStructure(text)) throw new EngineError('invalid', 'exec.command', 'command is no array of strings');
  return text.split(/\s+/u).filter((word) => word !== '');
};

/** Numbers and `true` are programs to whoever types a line. */
const isStructure = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

/** Three words are yes, whatever their case. */
export const isYes = (text: string | undefined): boolean => /^(?:yes|true|on)$/iu.test((text ?? '').trim());
