import type { RestartPolicy } from './config.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
/** A run longer than this was a good one: the next delay is short again. */
export const GOOD_RUN_MS = 10_000;

export type EndedRun = {
  readonly exitCode: number;
  readonly stopRequested: boolean;
  /** Failed runs in a row, this one included. */
  readonly failures: number;
};

/** Whether the policy starts the container again (docker-semantics.md 4). */
export const shouldRestart = (policy: RestartPolicy, run: EndedRun): boolean => {
  if (run.stopRequested) return false;
  switch (policy.name) {
    case 'always':
    case 'unless-stopped': {
      return true;
    }
    case 'on-failure': {
      const isWithinLimit = policy.maximumRetryCount === 0 || run.failures <= policy.maximumRetryCount;
      return run.exitCode !== 0 && isWithinLimit;
    }
    default: {
      return false;
    }
  }
};

/**
 * Whether a container that is down when the daemon starts is started (docker-semantics.md 4). If its policy would
 * have restarted it, the daemon's own shutdown ended it; `always` comes back even after a stop by hand.
 */
export const shouldStartWithDaemon = (policy: RestartPolicy, run: EndedRun): boolean =>
  policy.name === 'always' || shouldRestart(policy, run);

/** Doubles after every short run, begins anew after a good one. `previous` 0 = none yet. */
export const nextDelayMs = (previous: number, runMs: number): number =>
  previous === 0 || runMs > GOOD_RUN_MS ? FIRST_DELAY_MS : Math.min(previous * 2, LONGEST_DELAY_MS);
