import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '#domain/error/engine-error.ts';
import { Feed } from '#engine/images/feed.ts';
import { Leases } from '#engine/images/leases.ts';
import { SharedTasks } from '#engine/images/shared-tasks.ts';

const user = (controller = new AbortController()) => {
  const seen: number[] = [];
  return {
    controller,
    seen,
    signal: controller.signal,
    onProgress: (bytes: number) => void seen.push(bytes),
  };
};

test('several callers share one run and all see its progress', async () => {
  const tasks = new SharedTasks<string>();
  const go = Promise.withResolvers<void>();
  let runs = 0;
  const work = async (_signal: AbortSignal, report: (bytes: number) => void): Promise<string> => {
    runs += 1;
    report(1);
    await go.promise;
    report(2);
    return 'done';
  };
  const [one, two] = [user(), user()];
  const first = tasks.run('k', one, work);
  await new Promise(setImmediate);
  const second = tasks.run('k', two, work);
  go.resolve();
  assert.deepEqual(await Promise.all([first, second]), ['done', 'done']);
  assert.equal(runs, 1);
  assert.deepEqual(
    [one.seen, two.seen],
    [
      [1, 2],
      [1, 2],
    ],
  );
  assert.equal(await tasks.run('k', user(), async () => 'anew'), 'anew');
});

test('the run stops when its last caller leaves, not before', async () => {
  const tasks = new SharedTasks<string>();
  let inner: AbortSignal | undefined;
  const work = async (signal: AbortSignal): Promise<string> => {
    inner = signal;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
  };
  const [one, two] = [user(), user()];
  const runs = [tasks.run('k', one, work), tasks.run('k', two, work)];
  await new Promise(setImmediate);
  one.controller.abort();
  await assert.rejects(runs[0] ?? Promise.resolve(), (error) => isEngineError(error, 'cancelled'));
  assert.equal(inner?.aborted, false);
  two.controller.abort();
  await assert.rejects(runs[1] ?? Promise.resolve(), (error) => isEngineError(error, 'cancelled'));
  assert.equal(inner?.aborted, true);
});

test('a failure is for everybody and for this run only', async () => {
  const tasks = new SharedTasks<string>();
  const fail = async (): Promise<string> => Promise.reject(new Error('no'));
  const runs = [tasks.run('k', user(), fail), tasks.run('k', user(), fail)];
  for (const run of runs) await assert.rejects(run, /no/);
  assert.equal(await tasks.run('k', user(), async () => 'yes'), 'yes');
});

test('a slow reader of a feed gets the newest of what replaces each other', async () => {
  const feed = new Feed<{ id: string; count: number }>((waiting, next) => waiting.id === next.id);
  for (let count = 0; count < 1000; count += 1) {
    feed.push({ id: 'a', count });
    feed.push({ id: 'b', count });
  }
  await feed.follow(Promise.resolve());
  assert.deepEqual(await Array.fromAsync(feed), [
    { id: 'a', count: 999 },
    { id: 'b', count: 999 },
  ]);
});

test('a feed gives what it has before it throws', async () => {
  const feed = new Feed<number>(() => false);
  feed.push(1);
  await feed.follow(Promise.reject(new Error('broken')));
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const message of feed) seen.push(message);
  }, /broken/);
  assert.deepEqual(seen, [1]);
});

test('what is held is not removed, and holding waits for a removal that runs', async () => {
  const leases = new Leases();
  const lease = await leases.hold(['x', 'x']);
  assert.equal(await leases.removeUnlessHeld('x', async () => assert.fail('held')), false);
  lease[Symbol.dispose]();
  lease[Symbol.dispose]();
  const gone = Promise.withResolvers<void>();
  const removal = leases.removeUnlessHeld('x', async () => gone.promise);
  let isHeld = false;
  const holding = leases.hold(['x']).then((held) => {
    isHeld = true;
    return held;
  });
  await new Promise(setImmediate);
  assert.equal(isHeld, false);
  gone.resolve();
  assert.equal(await removal, true);
  (await holding)[Symbol.dispose]();
  assert.equal(leases.isHeld('x'), false);
});
