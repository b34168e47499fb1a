/** Nanoseconds since 1970-01-01 UTC, exact: a double of milliseconds holds no less than a quarter of a microsecond. */
export type Nanos = bigint;

export const PER_SECOND = 1_000_000_000n;
const PER_MS = 1_000_000n;

/**
 * Milliseconds with a fraction: the shortest decimal of the double, so that microseconds that were put into it come out
 * as they were. One value gives one answer always, and a later one a later, so what was told of it is found again.
 */
export const nanosOf = (ms: number): Nanos => {
  const [, whole, fraction = ''] = PLAIN.exec(String(ms)) ?? [];
  if (whole !== undefined) return BigInt(whole) * PER_MS + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  const floor = Math.floor(ms);
  return BigInt(floor) * PER_MS + BigInt(Math.round((ms - floor) * 1e6));
};

const PLAIN = /^(\d+)(?:\.(\d+))?$/;

/** The nearest double. */
export const millisOf = (nanos: Nanos): number => {
  const ms = floorDivide(nanos, PER_MS);
  return Number(ms) + Number(nanos - ms * PER_MS) / 1e6;
};

/** Whole seconds, and the nanoseconds of the second, which are never negative. */
export const secondsOf = (nanos: Nanos): { readonly seconds: bigint; readonly rest: bigint } => {
  const seconds = floorDivide(nanos, PER_SECOND);
  return { seconds, rest: nanos - seconds * PER_SECOND };
};

const floorDivide = (value: bigint, by: bigint): bigint => {
  const quotient = value / by;
  return quotient * by > value ? quotient - 1n : quotient;
};

const FIRST = -62_167_219_200n;
const LAST = 253_402_300_799n;

/**
 * `2006-01-02T15:04:05.123456789Z`, always nine digits, so that text sorts as time does. Times outside of the years
 * 0 to 9999 are the first or last moment of those.
 */
export const formatNine = (nanos: Nanos): string => {
  const { seconds, rest } = secondsOf(nanos);
  if (seconds < FIRST) return formatNine(FIRST * PER_SECOND);
  if (seconds > LAST) return formatNine((LAST + 1n) * PER_SECOND - 1n);
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(rest).padStart(9, '0')}Z`;
};

/** The same with zeros at the end of the fraction left out, as Go's RFC3339Nano. */
export const formatNanos = (nanos: Nanos): string => formatNine(nanos).replace(/\.?0+Z$/, 'Z');
