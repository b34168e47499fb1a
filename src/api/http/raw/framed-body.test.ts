import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { isEngineError } from '#domain/error/engine-error.ts';
import { ByteQueue } from '#api/http/socket/byte-queue.ts';
import type { ByteReader } from '#api/http/socket/byte-queue.ts';

import { readFramedBody } from './framed-body.ts';

const CHUNKED = { 'transfer-encoding': 'chunked' };

function queueOf(...pieces: (string | Uint8Array)[]): ByteQueue {
  const queue = new ByteQueue({ pause: () => undefined, resume: () => undefined });
  for (const piece of pieces) queue.push(Buffer.from(piece));
  queue.end();
  return queue;
}

const bodyOf = (queue: ByteQueue, headers: IncomingHttpHeaders): ByteReader =>
  readFramedBody(queue, { headers } as IncomingMessage);

async function readAll(reader: ByteReader): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Any bytes cut into any pieces. */
function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const anySizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });
const anyBytes = fc.uint8Array({ maxLength: 300 });

function toChunks(bytes: Uint8Array, sizes: readonly number[]): Buffer {
  const parts = cut(bytes, sizes).filter(({ length }) => length > 0);
  const encoded = parts.flatMap((part) => [
    Buffer.from(`${part.length.toString(16)};q="x"\r\n`),
    part,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...encoded, Buffer.from('0\r\nA: b\r\n\r\n')]);
}

describe('the body of a taken-over request', () => {
  it('of a given length ends exactly there', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, anyBytes, anySizes, async (body, behind, sizes) => {
        const queue = queueOf(...cut(Buffer.concat([body, behind]), sizes));
        const read = await readAll(bodyOf(queue, { 'content-length': String(body.length) }));
        assert.deepEqual(read, Buffer.from(body));
        assert.deepEqual(await readAll(queue), Buffer.from(behind));
      }),
    );
  });

  it('in chunks ends exactly behind its trailers', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, anySizes, anyBytes, anySizes, async (body, chunks, behind, sizes) => {
        const queue = queueOf(...cut(Buffer.concat([toChunks(body, chunks), behind]), sizes));
        assert.deepEqual(await readAll(bodyOf(queue, CHUNKED)), Buffer.from(body));
        assert.deepEqual(await readAll(queue), Buffer.from(behind));
      }),
    );
  });

  it('without framing is empty', async () => {
    const queue = queueOf('input');
    assert.equal((await readAll(bodyOf(queue, {}))).length, 0);
    assert.equal(String(await readAll(queue)), 'input');
  });

  for (const text of [
    'x\r\n',
    '-1\r\n',
    '\r\n',
    '2\r\nabc\r\n',
    `${'0'.repeat(20_000)}\r\n`,
    '1;'.padEnd(20_000),
  ]) {
    it(`is refused when its chunks are malformed: ${JSON.stringify(text.slice(0, 20))}`, async () => {
      await assert.rejects(readAll(bodyOf(queueOf(text), CHUNKED)), (error) =>
        isEngineError(error, 'invalid'),
      );
    });
  }

  it('that is cut short is an error, not an end', async () => {
    for (const [text, headers] of [
      ['abc', { 'content-length': '4' }],
      ['3\r\nab', CHUNKED],
      ['3\r\nabc\r\n', CHUNKED],
    ] as const) {
      await assert.rejects(readAll(bodyOf(queueOf(text), headers)), (error) =>
        isEngineError(error, 'invalid'),
      );
    }
  });
});
