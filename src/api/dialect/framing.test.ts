import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FramesReply } from '#api/http/reply.ts';
import { framesToText, mapItems, settleStart } from './framing.ts';

const framesOf = (frames: AsyncIterable<unknown>): FramesReply => ({
  kind: 'frames',
  status: 200,
  start: 'with-first',
  frames,
});

/** A source whose second item never comes; it knows whether it was stopped. */
const stalled = () => {
  const seen = { stopped: false };
  let count = 0;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => (count++ === 0 ? Promise.resolve({ done: false, value: 1 }) : new Promise(() => {})),
      return: async () => {
        seen.stopped = true;
        return { done: true, value: undefined };
      },
    }),
  };
  return { source, seen };
};

async function* counting(to: number) {
  for (let index = 1; index <= to; index += 1) yield index;
}

test('one item may become several or none', async () => {
  const mapped = mapItems(counting(3), (item) => Array.from({ length: item - 1 }, () => item));
  assert.deepEqual(await Array.fromAsync(mapped), [2, 3, 3]);
});

test('stopping a mapped stream stops its source at once, even one that is waiting', async () => {
  const { source, seen } = stalled();
  const reply = await settleStart(framesOf(mapItems(source, (item) => [item])), new AbortController().signal);
  assert.ok(reply.kind === 'frames');
  const iterator = reply.frames[Symbol.asyncIterator]();
  assert.deepEqual(await iterator.next(), { done: false, value: 1 });
  void iterator.next();
  await iterator.return?.();
  assert.equal(seen.stopped, true);
});

test('the first item awaited is not lost, and a failure on the way is the caller’s', async () => {
  const { signal } = new AbortController();
  const reply = await settleStart(framesOf(counting(2)), signal);
  assert.deepEqual(reply.kind === 'frames' && (await Array.fromAsync(reply.frames)), [1, 2]);
  const failing = mapItems(counting(1), () => {
    throw new Error('early');
  });
  await assert.rejects(settleStart(framesOf(failing), signal), /early/);
});

test('a client that leaves before the first item stops the source', async () => {
  const leaving = new AbortController();
  const { promise, resolve } = Promise.withResolvers<IteratorResult<number>>();
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => promise,
      return: async () => {
        resolve({ done: true, value: undefined });
        return { done: true, value: undefined };
      },
    }),
  };
  const settled = settleStart(framesOf(source), leaving.signal);
  leaving.abort();
  const reply = await settled;
  assert.deepEqual(reply.kind === 'frames' && (await Array.fromAsync(reply.frames)), []);
});

test('a failure late in a stream of text is written as text', () => {
  const reply = framesToText(
    { ...framesOf(counting(1)), onError: (error) => ({ error: String(error) }) },
    'text/plain',
    (frame) => JSON.stringify(frame),
  );
  assert.equal(reply.kind === 'bytes' && Buffer.from(reply.onError?.('x') ?? []).toString(), '{"error":"x"}');
});
