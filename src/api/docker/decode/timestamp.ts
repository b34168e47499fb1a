import { EngineError } from '#domain/error/engine-error.ts';
import type { Instant } from '#domain/value/instant.ts';

/**
 * `since` and `until`: seconds since the epoch with optional `.nanos`, or RFC 3339. undefined when empty.
 * Throws `invalid` `query.integer` {name, value}.
 */
export const decodeTimestamp = (name: string, value: string | undefined): Instant | undefined => {
  if (value === undefined || value === '') return undefined;
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  const parsed = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(parsed)) return parsed;
  throw new EngineError('invalid', 'query.integer', `strconv.ParseInt: parsing "${value}": invalid syntax`, {
    params: { name, value },
  });
};
