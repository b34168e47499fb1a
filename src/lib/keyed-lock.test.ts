import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedLock } from '#lib/keyed-lock.ts';

const gateway = (): { opened: Promise<void>; open: () => void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
};

test('one key is held by one at a time, in order of arrival', async () => {
  const lock = new KeyedLock();
  const log: string[] = [];
  await Promise.all(
    [1, 2, 3].map(async (n) =>
      lock.run('a', async () => {
        log.push(`in ${n}`);
        await Promise.resolve();
        log.push(`out ${n}`);
      }),
    ),
  );
  assert.deepEqual(log, ['in 1', 'out 1', 'in 2', 'out 2', 'in 3', 'out 3']);
  assert.equal(lock.isHeld('a'), false);
});

test('different keys do not wait for each other', async () => {
  const lock = new KeyedLock();
  const { opened, open } = gateway();
  const held = lock.run('a', async () => opened);
  assert.equal(await lock.run('b', async () => 7), 7);
  open();
  await held;
});

test('shared holders run together and an exclusive one waits for them', async () => {
  const lock = new KeyedLock();
  const { opened, open } = gateway();
  const log: string[] = [];
  const first = lock.run('a', async () => opened, { mode: 'shared' });
  await lock.run('a', async () => void log.push('second shared'), { mode: 'shared' });
  const exclusive = lock.run('a', async () => void log.push('exclusive'));
  const late = lock.run('a', async () => void log.push('late shared'), { mode: 'shared' });
  open();
  await Promise.all([first, exclusive, late]);
  assert.deepEqual(log, ['second shared', 'exclusive', 'late shared']);
});

test('an aborted waiter leaves the queue and the next one still comes', async () => {
  const lock = new KeyedLock();
  const { opened, open } = gateway();
  const held = lock.run('a', async () => opened);
  const leaving = new AbortController();
  const waiting = lock.run('a', async () => 1, { signal: leaving.signal });
  const next = lock.run('a', async () => 2);
  leaving.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  open();
  await held;
  assert.equal(await next, 2);
  assert.equal(lock.isHeld('a'), false);
});

test('work that throws releases the key', async () => {
  const lock = new KeyedLock();
  await assert.rejects(
    lock.run('a', async () => {
      throw new Error('no');
    }),
  );
  assert.equal(await lock.run('a', async () => 'free'), 'free');
});
