import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a condition, looking again every few milliseconds; fails after the deadline. */
export const until = async (
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 5000,
): Promise<void> => {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `not within ${deadlineMs} ms: ${condition.toString()}`);
    await pause(5);
  }
};
