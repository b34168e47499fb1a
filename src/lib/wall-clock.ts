/** How far the fine clock may be from the wall clock before somebody has set the latter. */
const DRIFT_MS = 50;

/** Milliseconds since the epoch, with microseconds where the machine's clock was not set since we began. */
export const wallClock = (): number => {
  const fine = performance.timeOrigin + performance.now();
  const coarse = Date.now();
  return Math.abs(fine - coarse) < DRIFT_MS ? fine : coarse;
};
