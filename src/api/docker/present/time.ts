import type { Instant } from '#domain/value/instant.ts';

/** RFC 3339 with up to nine digits, trailing zeros trimmed; "never" is year 1 (docker-routes.md 3.12). */
export const presentTime = (at: Instant): string => {
  if (at === 0) return '0001-01-01T00:00:00Z';
  const seconds = Math.floor(at / 1000);
  const nanos = Math.round((at - seconds * 1000) * 1e6);
  const fraction = String(Math.min(nanos, 999_999_999)).padStart(9, '0').replace(/0+$/, '');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
};

export const presentSeconds = (at: Instant): number => Math.floor(at / 1000);

/** Nanoseconds since the epoch: more than a double holds. */
export const presentNanos = (at: Instant): bigint => {
  const ms = Math.floor(at);
  return BigInt(ms) * 1_000_000n + BigInt(Math.round((at - ms) * 1e6));
};
