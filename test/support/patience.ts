import { FairClock } from '#tools/test/fair-clock.mjs';

/** How long a test waits for what is to come, counted as on a machine with nothing else to do: a slow one may be slow. */
export const openPatience = (limitMs = 30_000): { isOver(): boolean } => {
  const clock = new FairClock();
  return { isOver: () => clock.elapsedMs() >= limitMs };
};
