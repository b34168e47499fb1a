import type { Instant } from '#domain/value/instant.ts';

/** Time, so that tests need not wait. */
export interface Clock {
  /** The wall clock, which somebody may set at any moment: to be shown and stored, not for durations. */
  now(): Instant;
  /** Milliseconds of a clock that nobody sets; for durations within one life of the daemon. */
  elapsed(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
