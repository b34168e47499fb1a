import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#engine/ports/clock.ts';

/** How far the fine clock may be from the wall clock before somebody has set the latter. */
const DRIFT_MS = 50;

/** The machine's clock with microseconds where it can have them. Waiting does not keep the process alive. */
export const systemClock: Clock = {
  now: () => {
    const fine = performance.timeOrigin + performance.now();
    const coarse = Date.now();
    return Math.abs(fine - coarse) < DRIFT_MS ? fine : coarse;
  },
  sleep: async (ms, signal) => {
    await sleep(Math.max(0, Math.min(ms, 2 ** 31 - 1)), undefined, {
      ref: false,
      ...(signal === undefined ? {} : { signal }),
    });
  },
};
