import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Semaphore } from '#lib/semaphore.ts';

test('no more run at once than allowed, and all run in order', async () => {
  const slots = new Semaphore(2);
  let [running, most] = [0, 0];
  const started: number[] = [];
  await Promise.all(
    [1, 2, 3, 4, 5].map(async (n) =>
      slots.run(async () => {
        started.push(n);
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
      }),
    ),
  );
  assert.equal(most, 2);
  assert.deepEqual(started, [1, 2, 3, 4, 5]);
  assert.equal(slots.isFull, false);
});

test('an aborted waiter gives its place up', async () => {
  const slots = new Semaphore(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = slots.run(async () => promise);
  const leaving = new AbortController();
  const second = slots.run(async () => 2, leaving.signal);
  const third = slots.run(async () => 3);
  leaving.abort(new Error('gone'));
  await assert.rejects(second, /gone/);
  resolve();
  await first;
  assert.equal(await third, 3);
});

test('work that throws frees its place', async () => {
  const slots = new Semaphore(1);
  await assert.rejects(slots.run(async () => Promise.reject(new Error('no'))));
  assert.equal(await slots.run(async () => 1), 1);
});
