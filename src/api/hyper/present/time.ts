import type { Instant } from '#domain/value/instant.ts';

/** RFC 3339 with seconds; nothing for "never". */
export const presentTime = (at: Instant): string =>
  at === 0 ? '' : `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;

export const presentSeconds = (at: Instant): number => Math.floor(at / 1000);
