/**
 * Milliseconds since 1970-01-01 UTC; fractions allowed (microseconds survive in a double).
 * `0` means "never": the wire's `0001-01-01T00:00:00Z`.
 */
export type Instant = number;

export const NEVER: Instant = 0;
