import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputChunk } from '#domain/log/record.ts';
import { ChunkQueue } from './chunk-queue.ts';

const chunk = (text: string): OutputChunk => ({ stream: 'stdout', bytes: Buffer.from(text) });
const big: OutputChunk = { stream: 'stderr', bytes: Buffer.alloc(512 * 1024) };

const read = async (queue: ChunkQueue): Promise<string> => {
  let text = '';
  for await (const { bytes } of queue) text += Buffer.from(bytes).toString();
  return text;
};

test('a reader gets chunks from before and after it came, in order', async () => {
  const queue = new ChunkQueue(() => {});
  queue.push(chunk('a'));
  const reading = read(queue);
  await Promise.resolve();
  queue.push(chunk('b'));
  queue.push(chunk('c'));
  queue.end();
  assert.equal(await reading, 'abc');
});

test('a full queue pauses its source until half of it is read', async () => {
  let drained = 0;
  const queue = new ChunkQueue(() => (drained += 1));
  assert.equal(queue.push(big), true);
  assert.equal(queue.push(big), false);
  const chunks = queue[Symbol.asyncIterator]();
  await chunks.next();
  assert.equal(drained, 1);
  assert.equal(queue.isFull, false);
});

test('an error comes after what was pushed before it', async () => {
  const queue = new ChunkQueue(() => {});
  queue.push(chunk('a'));
  queue.end(new Error('lost'));
  const chunks = queue[Symbol.asyncIterator]();
  assert.equal((await chunks.next()).done, false);
  await assert.rejects(chunks.next(), /lost/);
});

test('drain takes what waits and lets the source go on', () => {
  let drained = 0;
  const queue = new ChunkQueue(() => (drained += 1));
  queue.push(big);
  queue.push(big);
  assert.equal(queue.drain().length, 2);
  assert.equal(drained, 1);
});
