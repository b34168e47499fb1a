import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#engine/ports/clock.ts';
import { wallClock } from '#lib/wall-clock.ts';

/** The machine's clocks. Waiting does not keep the process alive. */
export const systemClock: Clock = {
  now: wallClock,
  elapsed: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(Math.max(0, Math.min(ms, 2 ** 31 - 1)), undefined, {
      ref: false,
      ...(signal === undefined ? {} : { signal }),
    });
  },
};
