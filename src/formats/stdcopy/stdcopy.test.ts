import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frameBatch, framePiece } from './frame.ts';
import type { StreamPiece } from './frame.ts';
import { readFrames } from './read-frames.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const cut = async function* (bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
};

const joined = async (bytes: Uint8Array, sizes: readonly number[]): Promise<Record<string, string>> => {
  const seen: Record<string, string> = {};
  for await (const { stream, bytes: part } of readFrames(cut(bytes, sizes))) {
    seen[stream] = (seen[stream] ?? '') + new TextDecoder().decode(part);
  }
  return seen;
};

test('a frame is the stream number, the length and the payload', () => {
  assert.deepEqual(
    [...framePiece({ stream: 'stderr', bytes: text('ab') })],
    [2, 0, 0, 0, 0, 0, 0, 2, 97, 98],
  );
});

test('a long payload has its length in four bytes', () => {
  const frame = framePiece({ stream: 'stdout', bytes: new Uint8Array(0x1_02_03) });
  assert.deepEqual([...frame.subarray(0, 8)], [1, 0, 0, 0, 0, 1, 2, 3]);
});

test('whatever is framed is read back, however it was cut', async () => {
  const piece = fc.record({
    stream: fc.constantFrom<StreamPiece['stream']>('stdout', 'stderr'),
    bytes: fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 40 }).map(text),
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), sizes, async (pieces, cuts) => {
      const seen = await joined(frameBatch(pieces), cuts);
      for (const stream of ['stdout', 'stderr'] as const) {
        const sent = pieces
          .filter((each) => each.stream === stream)
          .map(({ bytes }) => new TextDecoder().decode(bytes));
        assert.equal(seen[stream] ?? '', sent.join(''));
      }
    }),
    { numRuns: 100 },
  );
});

test('bytes that are not framed are an error, not output', async () => {
  await assert.rejects(joined(text('plain text'), [4]), /not framed/);
});

test('a stream that ends inside a frame is an error', async () => {
  await assert.rejects(
    joined(framePiece({ stream: 'stdout', bytes: text('abc') }).subarray(0, 9), [9]),
    /inside a frame/,
  );
});
