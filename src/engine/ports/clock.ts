import type { Instant } from '#domain/value/instant.ts';

/** Time, so that tests need not wait. */
export interface Clock {
  now(): Instant;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
