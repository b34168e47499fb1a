import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';

import fc from 'fast-check';

import { ZstdFrameScanner } from '#formats/compression/zstd-frames.ts';

const split = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const scanner = new ZstdFrameScanner();
  const frames: Buffer[] = [];
  let frame = Buffer.alloc(0);
  const edges = [...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted((a, b) => a - b);
  let from = 0;
  for (const edge of edges) {
    const chunk = bytes.subarray(from, edge);
    for (let at = 0; at < chunk.length;) {
      const { end, isLast } = scanner.scan(chunk, at);
      frame = Buffer.concat([frame, chunk.subarray(at, end)]);
      at = end;
      if (!isLast) continue;
      frames.push(frame);
      frame = Buffer.alloc(0);
    }
    from = edge;
  }
  assert.equal(scanner.isBetweenFrames, frame.length === 0);
  return frames;
};

const skippable = fc.uint8Array({ maxLength: 300 }).map((content) => {
  const head = Buffer.from('532a4d1800000000', 'hex');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
});

const compressed = fc
  .tuple(fc.uint8Array({ maxLength: 3000 }), fc.nat(400_000), fc.boolean())
  .map(([noise, repeats, hasChecksum]) =>
    zstdCompressSync(Buffer.concat([noise, Buffer.alloc(repeats, 'a')]), {
      params: { [constants.ZSTD_c_checksumFlag]: hasChecksum ? 1 : 0 },
    }),
  );

test('frames are found wherever the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(skippable, compressed), { maxLength: 6 }),
      fc.array(fc.nat(5000)),
      (frames, cuts) => {
        assert.deepEqual(split(Buffer.concat(frames), cuts), frames);
      },
    ),
    { numRuns: 60 },
  );
});

test('what follows a frame must be one', () => {
  const bytes = Buffer.concat([zstdCompressSync(Buffer.from('a')), Buffer.from('garbage')]);
  assert.throws(() => split(bytes, []), { code: 'zstd.corrupt' });
});
