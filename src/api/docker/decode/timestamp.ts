import { EngineError } from '#domain/error/engine-error.ts';
import type { Instant } from '#domain/value/instant.ts';

/**
 * `since` and `until`: seconds since the epoch with optional `.nanos`, RFC 3339, or an age (`1h30m`). undefined when
 * empty.
 * Throws `invalid` `query.integer` {name, value}.
 */
export const decodeTimestamp = (name: string, value: string | undefined): Instant | undefined => {
  if (value === undefined || value === '') return undefined;
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  const parsed = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(parsed)) return parsed;
  const age = decodeAge(value);
  if (age !== undefined) return Date.now() - age;
  throw new EngineError('invalid', 'query.integer', `strconv.ParseInt: parsing "${value}": invalid syntax`, {
    params: { name, value },
  });
};

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a duration as Go writes it; undefined when it is none. */
const decodeAge = (text: string): number | undefined => {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/u.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/gu)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
};
