import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ListenOptions } from '#api/http/listen.ts';
import type { HttpRequest } from '#api/http/request.ts';
import type { Reply } from '#api/http/reply.ts';
import { serve, TRANSPORTS } from '#test/support/wire.ts';

const SHORT = { patience: { textMs: 30, silenceMs: 30 }, limits: { checkEveryMs: 5 } };

/** `/text` and `/stream` read their body, `/raw` echoes. */
const options = (limits: Partial<ListenOptions>): Omit<ListenOptions, 'url'> => ({
  ...limits,
  mayHijack: (_method, path) => path === '/raw',
  dialect: async (request): Promise<Reply> => {
    if (request.path === '/raw') {
      return {
        kind: 'hijack',
        contentType: 'raw',
        serve: async (stream) => {
          for await (const bytes of stream.input) await stream.write(bytes);
        },
      };
    }
    try {
      return { kind: 'text', status: 200, body: String(await sizeOf(request)) };
    } catch (error) {
      return { kind: 'text', status: 400, body: error instanceof Error ? error.message : '' };
    }
  },
});

const sizeOf = async (request: HttpRequest): Promise<number> => {
  if (request.path === '/text') return (await request.text()).length;
  let size = 0;
  for await (const { length } of request.stream()) size += length;
  return size;
};

for (const transport of TRANSPORTS) {
  describe(`a client that lets us wait (${transport})`, () => {
    for (const path of ['/text', '/stream']) {
      for (const framing of [
        'Content-Length: 100\r\n\r\nabc',
        'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      ]) {
        it(`with the rest of a body (${path}, ${framing.slice(0, 7)}) is told, and loses its connection`, async (context) => {
          const server = await serve(context, transport, options(SHORT));
          const wire = await server.connect();
          await wire.send(`POST ${path} HTTP/1.1\r\n${framing}`);
          const { status, body, head } = await wire.reply();
          assert.equal(status, 400);
          assert.match(body, /stopped coming/);
          assert.match(head, /connection: close/i);
          assert.equal(await wire.rest(), '');
        });
      }
    }

    it('with a head, or with anything at all, loses its connection', async (context) => {
      const server = await serve(
        context,
        transport,
        options({ limits: { headersTimeout: 50, connectionsCheckingInterval: 10 } }),
      );
      for (const packet of ['GET /text HTTP/1.1\r\nX-Slow: ', 'G', '']) {
        const wire = await server.connect();
        if (packet !== '') await wire.send(packet);
        assert.match(await wire.rest(), /^(HTTP\/1.1 408|$)/);
      }
    });

    it('over a taken connection may be silent as long as it likes', async (context) => {
      const server = await serve(context, transport, options(SHORT));
      const raw = await server.connect();
      await raw.send('POST /raw HTTP/1.1\r\n\r\n');
      await raw.until('\r\n\r\n');
      // Others are given up meanwhile, by the same looks at all connections.
      for (let round = 0; round < 3; round += 1) {
        const slow = await server.connect();
        await slow.send('POST /stream HTTP/1.1\r\nContent-Length: 5\r\n\r\n');
        assert.equal((await slow.reply()).status, 400);
      }
      await raw.send('still here');
      assert.equal(await raw.take(10), 'still here');
    });

    it('while we are the slow ones is not cut', async (context) => {
      const server = await serve(context, transport, {
        ...options(SHORT),
        dialect: async (request) => {
          const body = request.stream()[Symbol.asyncIterator]();
          await body.next();
          const slow = await server.connect();
          await slow.send('POST /slow HTTP/1.1\r\nContent-Length: 5\r\n\r\n');
          if (request.path === '/slow') await body.next();
          else assert.match((await slow.rest()).slice(0, 12), /500|400/);
          return { kind: 'text', status: 200, body: 'patient' };
        },
      });
      const wire = await server.connect();
      await wire.send('POST /we-are-slow HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc');
      assert.equal((await wire.reply()).body, 'patient');
    });

    it('with an endless body that nobody wants is cut', async (context) => {
      const server = await serve(context, transport, options({}));
      const wire = await server.connect();
      await wire.send('POST /text HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n');
      const frame = Buffer.from(`100000\r\n${'x'.repeat(0x10_00_00)}\r\n`);
      const closed = new Promise((resolve) => wire.socket.once('close', resolve));
      let sent = 0;
      while (!wire.socket.destroyed && sent < 2000) {
        await Promise.race([wire.send(frame), closed]);
        sent += 1;
      }
      assert.ok(sent < 1000, `${sent} MiB were taken`);
      assert.match(wire.received.slice(0, 12), /400/);
    });

    it('beside as many others as are served makes room by asking nothing', async (context) => {
      const server = await serve(context, transport, options({ limits: { mostConnections: 4 } }));
      const raw = await server.connect();
      await raw.send('POST /raw HTTP/1.1\r\n\r\n');
      await raw.until('\r\n\r\n');
      const idle = [await server.connect(), await server.connect(), await server.connect()];
      const another = await server.connect();
      await another.send('POST /text HTTP/1.1\r\n\r\n');
      assert.equal((await another.reply()).status, 200);
      assert.equal(await idle[0]?.rest(), '');
      await raw.send('x');
      assert.equal(await raw.take(1), 'x');
    });
  });
}
