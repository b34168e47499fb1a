import { dockerfileError } from './dockerfile-error.ts';

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/**
 * One word with its quotes taken off and its variables filled in: `$x`, `${x}`, `${x:-default}`,
 * `${x:+other}`; a backslash takes the meaning of the next character, single quotes of all.
 */
export const expandWord = (text: string, lookup: Lookup): string => new Expander(text, lookup).run();

/** A run of escaped characters, quoted parts (the last may be open) and anything else but blanks. */
const WORD = /(?:\\[\s\S]?|"(?:\\[\s\S]|[^"\\])*"?|'[^']*'?|[^\s\\"'])+/g;

/** Splits at blanks outside quotes; quotes and backslashes stay. */
export const splitWords = (text: string): string[] => text.match(WORD) ?? [];

class Expander {
  readonly #text: string;
  readonly #lookup: Lookup;
  #at = 0;

  constructor(text: string, lookup: Lookup) {
    this.#text = text;
    this.#lookup = lookup;
  }

  run(): string {
    return this.#until('');
  }

  /** Up to (and past) an unquoted stop character; '' = the end. */
  #until(stop: string): string {
    let result = '';
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? '';
      this.#at += 1;
      if (stop !== '' && char === stop) return result;
      result += this.#piece(char);
    }
    if (stop === '') return result;
    throw dockerfileError('word', `unexpected end of statement while looking for matching ${nameOf(stop)}`);
  }

  #piece(char: string): string {
    switch (char) {
      case "'":
        return this.#singleQuoted();
      case '"':
        return this.#doubleQuoted();
      case '\\':
        return this.#take();
      case '$':
        return this.#variable();
      default:
        return char;
    }
  }

  #take(): string {
    const char = this.#text[this.#at] ?? '';
    this.#at += 1;
    return char;
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end < 0)
      throw dockerfileError('word', 'unexpected end of statement while looking for matching single-quote');
    const inside = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return inside;
  }

  #doubleQuoted(): string {
    let result = '';
    while (this.#at < this.#text.length) {
      const char = this.#take();
      if (char === '"') return result;
      if (char === '$') result += this.#variable();
      else if (char === '\\') result += this.#escapedInQuotes();
      else result += char;
    }
    throw dockerfileError('word', 'unexpected end of statement while looking for matching double-quote');
  }

  /** Inside double quotes a backslash means something only before `"`, `$` and itself. */
  #escapedInQuotes(): string {
    const next = this.#text[this.#at] ?? '';
    if (next !== '"' && next !== '$' && next !== '\\') return '\\';
    return this.#take();
  }

  #variable(): string {
    if (this.#text[this.#at] === '{') return this.#braced();
    const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!$-])/.exec(this.#text.slice(this.#at))?.[0];
    if (name === undefined) return '$';
    this.#at += name.length;
    return this.#lookup(name) ?? '';
  }

  #braced(): string {
    const head = /^\{([A-Za-z_][A-Za-z0-9_]*|[0-9]+)(\}|:?[-+])/.exec(this.#text.slice(this.#at));
    if (head === null) {
      throw dockerfileError('word', `syntax error: bad substitution in ${this.#text}`);
    }
    const [whole, name = '', operator = ''] = head;
    this.#at += whole.length;
    const value = this.#lookup(name);
    return operator === '}' ? (value ?? '') : choose(operator, value, this.#until('}'));
  }
}

/** `-` and `+` ask whether a variable is set, `:-` and `:+` whether it says something. */
const choose = (operator: string, value: string | undefined, alternative: string): string => {
  const isSet = operator.startsWith(':') ? (value ?? '') !== '' : value !== undefined;
  if (operator.endsWith('+')) return isSet ? alternative : '';
  return isSet ? (value ?? '') : alternative;
};

const nameOf = (stop: string): string => (stop === '}' ? 'right brace' : stop);
