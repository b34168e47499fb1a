import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ByteQueue, iterate } from './byte-queue.ts';

const KIBIBYTE = 1024;

function queueWithSource(): { queue: ByteQueue; calls: string[] } {
  const calls: string[] = [];
  const queue = new ByteQueue({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
  return { queue, calls };
}

const text = async (queue: ByteQueue): Promise<string | undefined> => {
  const chunk = await queue.read();
  return chunk === undefined ? undefined : Buffer.from(chunk).toString();
};

describe('a byte queue', () => {
  it('gives bytes in order, waits for more, and ends', async () => {
    const { queue } = queueWithSource();
    queue.push(Buffer.from('a'));
    const reads = [await text(queue)];
    const waiting = text(queue);
    queue.push(Buffer.from('b'));
    reads.push(await waiting);
    queue.push(Buffer.from('c'));
    queue.end();
    reads.push(await text(queue), await text(queue), await text(queue));
    assert.deepEqual(reads, ['a', 'b', 'c', undefined, undefined]);
  });

  it('gives what came before a failure, then the failure', async () => {
    const { queue } = queueWithSource();
    queue.push(Buffer.from('a'));
    queue.end(new Error('cut'));
    assert.equal(await text(queue), 'a');
    await assert.rejects(queue.read(), /cut/);
  });

  it('stops its source when full, and lets it go on when half empty', async () => {
    const { queue, calls } = queueWithSource();
    for (let count = 0; count < 5; count += 1) queue.push(Buffer.alloc(16 * KIBIBYTE));
    assert.deepEqual(calls, ['pause']);
    for (let count = 0; count < 3; count += 1) await queue.read();
    assert.deepEqual(calls, ['pause']);
    await queue.read();
    assert.deepEqual(calls, ['pause', 'resume']);
  });

  it('takes bytes back, in front', async () => {
    const { queue } = queueWithSource();
    queue.push(Buffer.from('b'));
    queue.unshift(Buffer.from('a'));
    assert.equal(String(queue.takeAll()), 'ab');
  });

  it('never stops its source once its bytes are not wanted', async () => {
    const { queue, calls } = queueWithSource();
    queue.push(Buffer.alloc(64 * KIBIBYTE));
    queue.discard();
    queue.push(Buffer.alloc(64 * KIBIBYTE));
    queue.end();
    assert.deepEqual(calls, ['pause', 'resume']);
    assert.equal(await queue.read(), undefined);
  });

  it('gives many crumbs as one piece', async () => {
    const queue = new ByteQueue({ pause: () => undefined, resume: () => undefined });
    for (let index = 0; index < 1000; index += 1) queue.push(Buffer.from(String(index % 10)));
    assert.equal(Buffer.from((await queue.read()) ?? []).toString(), '0123456789'.repeat(100));
  });

  it('keeps the rest when a loop over it stops early', async () => {
    const { queue } = queueWithSource();
    for (const word of ['a', 'b']) queue.push(Buffer.from(word));
    queue.end();
    for await (const chunk of iterate(queue)) {
      assert.equal(String(chunk), 'a');
      break;
    }
    assert.equal(await text(queue), 'b');
  });
});
