import { EngineError } from '#domain/error/engine-error.ts';

const DIGITS = 9;

/**
 * Seconds since the epoch with an optional fraction, as text, to the form of stored lines (nine digits, `Z`).
 * '' and `0` mean no bound. Throws `invalid` `time.invalid` {name, value}.
 */
export const toLogTime = (name: 'since' | 'until', text: string): string | undefined => {
  if (text === '' || text === '0') return undefined;
  const match = /^(-?\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  if (match?.[1] === undefined) {
    throw new EngineError('invalid', 'time.invalid', `invalid time: ${text}`, {
      params: { name, value: text },
    });
  }
  const seconds = Number(match[1]);
  if (seconds <= 0) return undefined;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${(match[2] ?? '').padEnd(DIGITS, '0')}Z`;
};
