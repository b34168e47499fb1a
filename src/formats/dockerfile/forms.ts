import { parseDuration as readDuration } from '#formats/time/duration.ts';
import { dockerfileError } from './dockerfile-error.ts';
import { splitWords } from './words.ts';

/** The JSON form of an instruction (`["a","b"]`); undefined when the text is no list of strings. */
export const parseJsonForm = (text: string): string[] | undefined => {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item): item is string => typeof item === 'string')
      ? value
      : undefined;
  } catch {
    // Docker reads a broken list as a shell command, too.
    return undefined;
  }
};

/** The JSON form, or plain words. */
export const parseListOrWords = (text: string): string[] => parseJsonForm(text) ?? splitWords(text);

/**
 * Names and values of ENV and LABEL: `a=1 b="2 3"`, or the old `a the whole rest`. Values still have
 * their quotes and variables.
 */
export const parsePairs = (instruction: string, text: string): [name: string, value: string][] => {
  const words = splitWords(text);
  const [first = ''] = words;
  if (!first.includes('=')) {
    if (words.length < 2)
      throw dockerfileError('pairs', `${instruction} must have two arguments`, { instruction });
    return [[first, text.slice(text.indexOf(first) + first.length).trim()]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0) {
      throw dockerfileError(
        'pairs',
        `Syntax error - can't find = in "${word}". Must be of the form: name=value`,
        { word },
      );
    }
    if (equals === 0)
      throw dockerfileError('pairs', `${instruction} names can not be blank`, { instruction });
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
};

/** Go's durations (`1m30s`, `0.5s`) in nanoseconds, none below zero. */
export const parseDuration = (text: string): number => {
  const nanos = text.startsWith('-') || text.startsWith('+') ? undefined : readDuration(text);
  if (nanos === undefined) throw dockerfileError('duration', `time: invalid duration "${text}"`, { text });
  return Number(nanos);
};
