import type { Instant } from '#domain/value/instant.ts';
import { formatNanos, nanosOf } from '#formats/time/nanos.ts';

/** RFC 3339 with up to nine digits, trailing zeros trimmed; "never" is year 1 (docker-routes.md 3.12). */
export const presentTime = (at: Instant): string =>
  at === 0 ? '0001-01-01T00:00:00Z' : formatNanos(nanosOf(at));

export const presentSeconds = (at: Instant): number => Math.floor(at / 1000);

/** Nanoseconds since the epoch: more than a double holds. */
export const presentNanos = (at: Instant): bigint => nanosOf(at);
