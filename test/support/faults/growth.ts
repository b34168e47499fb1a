import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { residentBytes } from './machine.ts';

const MEGABYTE = 1024 * 1024;

/** What a stream may cost, however long it is. */
const LIMIT_BYTES = 48 * MEGABYTE;

/** A heap that a short stream makes grow by less has its working size. */
const SETTLED_BYTES = 16 * MEGABYTE;
const MOST_ROUNDS = 5;

/** How much a process grew while `work` went on, at its highest. */
const growthDuring = async (pid: number, work: () => Promise<unknown>): Promise<number> => {
  const before = residentBytes(pid);
  // Sets the mark of the most that it ever had back to what it has now.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  await work();
  return peakBytes(pid) - before;
};

const peakBytes = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/**
 * Carries short streams first, from which the heap grows to its working size (on a busy machine it takes several), then
 * a long one, which may cost no more.
 */
export const assertFlat = async (
  context: TestContext,
  pid: number,
  carry: (bytes: number) => Promise<unknown>,
): Promise<void> => {
  for (let round = 0, growth = Infinity; growth > SETTLED_BYTES && round < MOST_ROUNDS; round += 1)
    growth = await growthDuring(pid, () => carry(SHORT_BYTES));
  const growth = await growthDuring(pid, () => carry(LONG_BYTES));
  const megabytes = Math.round(growth / MEGABYTE);
  context.diagnostic(`the daemon grew by ${megabytes} MB`);
  assert.ok(growth < LIMIT_BYTES, `the daemon grew by ${megabytes} MB`);
};

export const SHORT_BYTES = 64 * MEGABYTE;
export const LONG_BYTES = 1024 * MEGABYTE;
