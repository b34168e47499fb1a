import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

import fc from 'fast-check';

import type { RequestEvent } from '#api/http/listen.ts';
import type { RawStream } from '#api/http/reply.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { serve, TRANSPORTS } from '#test/support/wire.ts';
import type { Transport, WireClient } from '#test/support/wire.ts';

const MEBIBYTE = 1024 * 1024;
const REQUEST = 'POST /raw HTTP/1.1\r\nUpgrade: tcp\r\n\r\n';

type Handler = (stream: RawStream) => Promise<void>;

/** A client whose connection is in the hands of `handler`; the head is read already. */
async function hijacked(context: TestContext, transport: Transport, handler: Handler): Promise<WireClient> {
  const client = await unasked(context, transport, handler);
  await client.send(REQUEST);
  await client.until('\r\n\r\n');
  return client;
}

async function unasked(
  context: TestContext,
  transport: Transport,
  handler: Handler,
  onRequest: (event: RequestEvent) => void = () => undefined,
): Promise<WireClient> {
  const server = await serve(context, transport, {
    dialect: async () => ({ kind: 'hijack', contentType: 'raw', serve: handler }),
    mayHijack: () => true,
    onRequest,
  });
  return server.connect();
}

const isGone = (error: unknown): boolean => isEngineError(error, 'cancelled');

for (const transport of TRANSPORTS) {
  describe(`the stream of a hijack (${transport})`, () => {
    it('goes on writing after the client has said its last', async (context) => {
      const client = await hijacked(context, transport, async (stream) => {
        for await (const chunk of stream.input) assert.equal(chunk.toString(), 'last');
        assert.equal(stream.signal.aborted, false);
        for (const word of ['still ', 'here']) await stream.write(Buffer.from(word));
      });
      await client.send('last');
      client.halfClose();
      assert.equal(await client.rest(), 'still here');
    });

    it('goes on reading after it has said its own last', async (context) => {
      const heard = Promise.withResolvers<string>();
      const client = await hijacked(context, transport, async (stream) => {
        await stream.write(Buffer.from('over'));
        await stream.end();
        await assert.rejects(stream.write(Buffer.from('more')), isGone);
        let text = '';
        for await (const chunk of stream.input) text += Buffer.from(chunk).toString();
        heard.resolve(text);
      });
      assert.equal(await client.rest(), 'over');
      await client.send('I heard ');
      await client.send('you');
      client.halfClose();
      assert.equal(await heard.promise, 'I heard you');
    });
  });

  describe(`back-pressure of a hijack (${transport})`, () => {
    it('waits for a reader that does not read, and loses nothing', { timeout: 60_000 }, async (context) => {
      const total = 200 * MEBIBYTE;
      const chunk = Buffer.alloc(64 * 1024, 'x');
      let accepted = 0;
      let mostPending = 0;
      const stalled = Promise.withResolvers<void>();
      const client = await hijacked(context, transport, async (stream) => {
        while (accepted < total) {
          const write = stream.write(chunk);
          mostPending = Math.max(mostPending, stream.pendingBytes);
          accepted += chunk.length;
          if (stream.pendingBytes > 0) stalled.resolve();
          await write;
        }
      });
      client.socket.removeAllListeners('data');
      client.socket.pause();
      await stalled.promise;
      // Each turn gives the writer a chance to go on.
      for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
      assert.ok(accepted < 16 * MEBIBYTE, `${accepted} bytes accepted though nobody reads`);
      let got = client.received.length;
      client.socket.on('data', (bytes: Buffer) => (got += bytes.length));
      client.socket.resume();
      await once(client.socket, 'end');
      assert.equal(got, total);
      assert.ok(mostPending <= 256 * 1024, `${mostPending} bytes pending`);
    });

    it('reads no more than its handler takes', { timeout: 60_000 }, async (context) => {
      const total = 64 * MEBIBYTE;
      const release = Promise.withResolvers<void>();
      const result = Promise.withResolvers<{ size: number; hash: string }>();
      const client = await hijacked(context, transport, async (stream) => {
        await release.promise;
        const hash = createHash('sha256');
        let size = 0;
        for await (const chunk of stream.input) {
          hash.update(chunk);
          size += chunk.length;
        }
        result.resolve({ size, hash: hash.digest('hex') });
      });
      const hash = createHash('sha256');
      let waited = false;
      for (let sent = 0; sent < total; sent += MEBIBYTE) {
        const block = Buffer.alloc(MEBIBYTE, String(sent));
        hash.update(block);
        if (client.socket.write(block) || waited) continue;
        if (sent < 32 * MEBIBYTE) continue;
        waited = true;
        for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
        assert.ok(client.socket.writableLength > 16 * MEBIBYTE, 'the server swallows what nobody reads');
        release.resolve();
      }
      client.halfClose();
      assert.deepEqual(await result.promise, { size: total, hash: hash.digest('hex') });
    });

    it('carries any bytes in any pieces', async (context) => {
      const server = await serve(context, transport, {
        dialect: async (request) => {
          const body = await request.text();
          return {
            kind: 'hijack',
            contentType: 'raw',
            serve: async (stream) => {
              await stream.write(Buffer.from(`${Buffer.byteLength(body, 'utf8')};`));
              for await (const chunk of stream.input) await stream.write(chunk);
            },
          };
        },
        mayHijack: () => true,
      });
      const body = fc.string({ unit: 'binary-ascii', maxLength: 50 });
      const input = fc.uint8Array({ maxLength: 2000 });
      const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 30 });
      const check = fc.asyncProperty(body, input, cuts, fc.boolean(), async (text, bytes, sizes, upgrade) => {
        const client = await server.connect();
        const head = `POST / HTTP/1.1\r\n${upgrade ? 'Upgrade: tcp\r\n' : ''}Content-Length: ${text.length}\r\n\r\n`;
        let left = Buffer.concat([Buffer.from(head + text, 'latin1'), bytes]);
        for (const size of sizes) {
          await client.send(left.subarray(0, size));
          left = left.subarray(size);
        }
        if (left.length > 0) await client.send(left);
        client.halfClose();
        await client.until('\r\n\r\n');
        assert.equal(await client.rest(), `${text.length};${Buffer.from(bytes).toString('latin1')}`);
      });
      await fc.assert(check, { numRuns: 40 });
    });
  });

  describe(`the end of a hijack (${transport})`, () => {
    it('tells its handler when the client vanishes', async (context) => {
      const handlerEnded = Promise.withResolvers<void>();
      const client = await hijacked(context, transport, async (stream) => {
        await once(stream.signal, 'abort');
        for await (const chunk of stream.input) assert.fail(`${chunk.length} bytes of nobody`);
        await assert.rejects(stream.write(Buffer.from('x')), isGone);
        await stream.end();
        handlerEnded.resolve();
      });
      client.vanish();
      await handlerEnded.promise;
    });

    it('lets go of a writer that waits when the client vanishes', async (context) => {
      const ended = Promise.withResolvers<unknown>();
      const stalled = Promise.withResolvers<void>();
      const client = await hijacked(context, transport, async (stream) => {
        try {
          for (;;) {
            const write = stream.write(Buffer.alloc(256 * 1024));
            if (stream.pendingBytes > 0) stalled.resolve();
            await write;
          }
        } catch (error) {
          ended.resolve(error);
        }
      });
      client.socket.pause();
      await stalled.promise;
      client.vanish();
      assert.ok(isGone(await ended.promise));
    });

    it('calls its handler even when the client is gone by then', async (context) => {
      const asked = Promise.withResolvers<void>();
      const served = Promise.withResolvers<RawStream>();
      const server = await serve(context, transport, {
        dialect: async (request) => {
          asked.resolve();
          await once(request.signal, 'abort');
          return { kind: 'hijack', contentType: 'raw', serve: async (stream) => served.resolve(stream) };
        },
        mayHijack: () => true,
      });
      const client = await server.connect();
      await client.send(REQUEST);
      await asked.promise;
      client.vanish();
      const stream = await served.promise;
      assert.equal(stream.signal.aborted, true);
    });

    it('is cut when its handler fails', async (context) => {
      const told = Promise.withResolvers<RequestEvent>();
      const client = await unasked(
        context,
        transport,
        async (stream) => {
          await stream.write(Buffer.from('so far'));
          throw new Error('broken');
        },
        told.resolve,
      );
      await client.send(REQUEST);
      await client.until('\r\n\r\n');
      await client.rest();
      const { status, error } = await told.promise;
      assert.equal(status, 101);
      assert.match(String(error), /broken/);
    });

    it('is told to the log with its bytes', async (context) => {
      const told = Promise.withResolvers<RequestEvent>();
      const client = await unasked(context, transport, (s) => s.write(Buffer.from('12345')), told.resolve);
      await client.send('POST /raw%2Fx?y=z HTTP/1.1\r\n\r\n');
      client.halfClose();
      await client.rest();
      const { method, path, status, bytes, error } = await told.promise;
      assert.deepEqual(
        { method, path, status, bytes, error },
        {
          method: 'POST',
          path: '/raw/x',
          status: 200,
          bytes: 5,
          error: undefined,
        },
      );
    });
  });
}

describe('the stream of a hijack', () => {
  it('notices a Unix client that closes after it has half-closed', async (context) => {
    const gone = Promise.withResolvers<void>();
    const client = await hijacked(context, 'unix', async (stream) => {
      for await (const chunk of stream.input) assert.fail(`${chunk.length} bytes`);
      await stream.write(Buffer.from('still open'));
      await once(stream.signal, 'abort');
      gone.resolve();
    });
    client.halfClose();
    await client.until('still open');
    client.socket.destroy();
    await gone.promise;
  });

  it('lets a header of the reply replace one of its own', async (context) => {
    const server = await serve(context, 'unix', {
      dialect: async () => ({
        kind: 'hijack',
        contentType: 'raw',
        headers: { Upgrade: 'h2c', 'X-More': '1' },
        serve: async () => undefined,
      }),
      mayHijack: () => true,
    });
    const client = await server.connect();
    await client.send(REQUEST);
    assert.equal(
      await client.rest(),
      'HTTP/1.1 101 UPGRADED\r\nContent-Type: raw\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-More: 1\r\n\r\n',
    );
  });
});
