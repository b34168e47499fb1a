import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { openPatience } from '#test/support/patience.ts';

/** Waits for a condition, looking again every few milliseconds; fails after so long on a free machine. */
export const until = async (condition: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> => {
  const patience = openPatience(limitMs);
  while (!(await condition())) {
    assert.ok(!patience.isOver(), `not within ${limitMs} ms: ${condition.toString()}`);
    await pause(5);
  }
};
