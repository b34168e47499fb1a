import { randomInt } from 'node:crypto';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

/** Numbers that come again with the same seed. */
export type Chance = {
  /** 0 <= n < bound, a whole number. */
  below(bound: number): number;
};

/** Prints its seed; `FAULT_SEED=n` repeats a run. */
export const openChance = (context: TestContext): Chance => {
  const seed = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
  context.diagnostic(`FAULT_SEED=${seed}`);
  let state = seed >>> 0;
  return {
    below: (bound) => {
      // mulberry32
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound) | 0;
    },
  };
};

/** The moment of a fault, not a wait for anything: whatever is under way then is what is tested. */
export const anyMoment = async (chance: Chance, withinMs: number): Promise<void> => {
  await pause(chance.below(withinMs));
};
