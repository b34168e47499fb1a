import { EngineError } from '#domain/error/engine-error.ts';
import { readExactly } from '#lib/exact-json.ts';

/**
 * Reads the first JSON value of a text; what follows it is ignored, as streaming decoders do, unless the value must be
 * alone: then it is `invalid` `body.more`.
 */
export const parseFirstJson = (text: string, exactIntegers: boolean, isAlone = false): unknown => {
  const reviver = exactIntegers && /\d{16}/.test(text) ? readExactly : undefined;
  try {
    return JSON.parse(text, reviver);
  } catch (failure) {
    const end = endOfFirstValue(text);
    if (end !== undefined && text.slice(end).trim() !== '') {
      const first = parseFirstJson(text.slice(0, end), exactIntegers);
      if (!isAlone) return first;
      throw new EngineError('invalid', 'body.more', 'unexpected content after JSON');
    }
    throw syntaxError(text, failure);
  }
};

/** Where the first value of a text ends, found by brackets and strings alone. */
const endOfFirstValue = (text: string): number | undefined => {
  let depth = 0;
  let at = text.search(/\S/);
  while (at >= 0 && at < text.length) {
    const character = text[at] ?? '';
    if ('[{'.includes(character)) depth += 1;
    if (']}'.includes(character)) depth -= 1;
    at = character === '"' ? endOfString(text, at) : at + 1;
    if (depth === 0 && !/\w/.test(text[at] ?? '')) return at;
  }
  return undefined;
};

const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
};

// Our parser's words for where it stumbled, beside the words that clients of old servers know.
const STUMBLES: readonly (readonly [RegExp, string])[] = [
  [/^Expected (?:property name|double-quoted)/, 'looking for beginning of object key string'],
  [/Expected ':'/, 'after object key'],
  [/after property value/, 'after object key:value pair'],
  [/after array element/, 'after array element'],
  [/control character/, 'in string literal'],
];

const syntaxError = (text: string, failure: unknown): EngineError => {
  const reason = failure instanceof Error ? failure.message : '';
  return new EngineError('invalid', 'body.syntax', describeStumble(text, reason), { cause: failure });
};

const describeStumble = (text: string, reason: string): string => {
  if (/end of JSON|Unterminated/.test(reason)) return 'unexpected EOF';
  const position = /at position (\d+)/.exec(reason)?.[1];
  if (position !== undefined && Number(position) >= text.trimEnd().length) return 'unexpected EOF';
  const character = /Unexpected token '(.)'/su.exec(reason)?.[1] ?? text[Number(position ?? 0)] ?? '';
  const where = STUMBLES.find(([words]) => words.test(reason))?.[1] ?? 'looking for beginning of value';
  return `invalid character '${character}' ${where}`;
};
