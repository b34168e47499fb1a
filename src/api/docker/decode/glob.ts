import { EngineError } from '#domain/error/engine-error.ts';

/**
 * Go's `path.Match`: `*` and `?` stop at slashes, `[a-z]` and `[^a]` are classes, a backslash takes away the
 * meaning of what follows. Throws `invalid` `filter.pattern` {value} for a pattern that does not end properly.
 */
export const globMatcher = (pattern: string): ((name: string) => boolean) => {
  const expression = compile(pattern);
  return (name) => expression.test(name);
};

/** The pattern that only the text itself matches. */
export const escapeGlob = (text: string): string => text.replaceAll(/[\\*?[]/g, String.raw`\$&`);

const PIECE = /\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[^*?[\\]/gsu;

const compile = (pattern: string): RegExp => {
  const pieces = pattern.match(PIECE) ?? [];
  if (pieces.join('') !== pattern) throw badPattern(pattern);
  try {
    return new RegExp(`^${pieces.map(toExpression).join('')}$`, 'su');
  } catch {
    // A range that runs backwards.
    throw badPattern(pattern);
  }
};

const badPattern = (value: string): EngineError =>
  new EngineError('invalid', 'filter.pattern', 'syntax error in pattern', { params: { value } });

const toExpression = (piece: string): string => {
  if (piece === '*') return '[^/]*';
  if (piece === '?') return '[^/]';
  if (piece.startsWith('[')) return toClass(piece);
  return literal(piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece);
};

const literal = (letter: string): string => letter.replace(/[\\^$.*+?()[\]{}|/]/u, String.raw`\$&`);

const toClass = (piece: string): string => {
  const isNegated = piece.startsWith('[^');
  const inside = piece
    .slice(isNegated ? 2 : 1, -1)
    .replaceAll(/\\(.)|([[&])/gsu, (_whole, escaped: string | undefined, bare: string | undefined) =>
      literalInClass(escaped ?? bare ?? ''),
    );
  return `[${isNegated ? '^' : ''}${inside}]`;
};

const literalInClass = (letter: string): string => (/[\\\]^[-]/u.test(letter) ? `\\${letter}` : letter);
