import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';

import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { serve, TRANSPORTS } from '#test/support/wire.ts';

const text = (body: string): Reply => ({ kind: 'text', status: 200, body });
const get = (path: string): string => `GET ${path} HTTP/1.1\r\n\r\n`;
const post = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (path: string, ...frames: readonly string[]): string =>
  `POST ${path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${frames
    .map((frame) => `${frame.length.toString(16)}\r\n${frame}\r\n`)
    .join('')}0\r\n\r\n`;

for (const transport of TRANSPORTS) {
  describe(`requests that a client sends without waiting (${transport})`, () => {
    it('begin few at a time, while nobody reads the answers', async (context) => {
      const COUNT = 40_000;
      let asked = 0;
      let answered = 0;
      const server = await serve(context, transport, {
        dialect: async (request) => {
          asked += 1;
          return text(`${request.path}:${'x'.repeat(4096)}`);
        },
        onRequest: () => {
          answered += 1;
        },
      });
      const wire = await server.connect();
      wire.socket.pause();
      void wire.send(Array.from({ length: COUNT }, (_, index) => get(`/${index}`)).join(''));
      const other = await server.connect();
      // Until the kernel takes no more of the answers.
      for (let before = -1; before !== answered;) {
        before = answered;
        await other.send(get('/other'));
        assert.equal((await other.reply()).status, 200);
        before += 1;
      }
      assert.ok(answered < COUNT / 2, `${answered} answers that nobody reads`);
      assert.ok(asked - answered <= 1, `${asked - answered} are under way`);
      // TLS holds bytes of its own on both sides.
      if (transport === 'unix') assert.ok(wire.socket.writableLength > 0, 'the rest was not taken in');
      wire.socket.resume();
      for (let index = 0; index < 2000; index += 1)
        assert.ok((await wire.reply()).body.startsWith(`/${index}:`));
    });

    it('leave others their turn between any two of them', async (context) => {
      const COUNT = 5000;
      let hostile = 0;
      const server = await serve(context, transport, {
        dialect: async ({ path }) => {
          if (path === '/hostile') hostile += 1;
          return text('.');
        },
      });
      const wire = await server.connect();
      wire.socket.removeAllListeners('data');
      wire.socket.resume();
      const other = await server.connect();
      void wire.send(get('/hostile').repeat(COUNT));
      const between: number[] = [];
      while (hostile < COUNT) {
        const before = hostile;
        await other.send(get('/other'));
        await other.reply();
        between.push(hostile - before);
      }
      assert.ok(between.length >= 50, `${between.length} answers beside ${COUNT}`);
      const worst = Math.max(...between);
      assert.ok(worst <= 100, `${worst} of them before one answer`);
    });

    it('are answered in order, whatever their bodies are and however they arrive', async (context) => {
      const server = await serve(context, transport, {
        dialect: async (request) => text(`${request.path}=${await request.text()}`),
      });
      const blanks = '\r\n\r\n0\r\n\r\nGET /not-one HTTP/1.1\r\n\r\n';
      const large = 'z'.repeat(100_000);
      const packet = [
        get('/1'),
        post('/2', 'body'),
        chunked('/3', 'a', blanks, 'b'),
        post('/4', blanks.repeat(30)),
        '\r\n',
        get('/5'),
        chunked('/6', large, blanks),
        post('/7', large),
        ...Array.from({ length: 30 }, (_, index) => get(`/${index + 8}`)),
      ].join('');
      const bodies = ['', 'body', `a${blanks}b`, blanks.repeat(30), '', large + blanks, large];
      for (const size of [packet.length, 70_000, 4099, 61, 7]) {
        const wire = await server.connect();
        for (let at = 0; at < packet.length; at += size) {
          const sent = wire.send(packet.slice(at, at + size));
          if (size > 100 || at % 1000 < size) await sent;
        }
        for (let index = 1; index <= 37; index += 1)
          assert.equal((await wire.reply()).body, `/${index}=${bodies[index - 1] ?? ''}`);
        wire.socket.destroy();
      }
    });

    it('do not hide that the client has gone', async (context) => {
      const asked = Promise.withResolvers<HttpRequest>();
      const server = await serve(context, transport, {
        dialect: async (request) => {
          asked.resolve(request);
          await once(request.signal, 'abort');
          return text('.');
        },
      });
      const wire = await server.connect();
      void wire.send(get('/wait').repeat(20_000));
      const { signal } = await asked.promise;
      wire.vanish();
      if (!signal.aborted) await once(signal, 'abort');
    });

    it('may take over the connection after others, with what comes behind', async (context) => {
      const server = await serve(context, transport, {
        mayHijack: (_method, path) => path === '/raw',
        dialect: async ({ path }) =>
          path === '/raw'
            ? {
                kind: 'hijack',
                contentType: 'raw',
                serve: async (stream) => {
                  for await (const bytes of stream.input) await stream.write(bytes);
                },
              }
            : text(path),
      });
      const wire = await server.connect();
      const raw = 'GET /no-request HTTP/1.1\r\n\r\n'.repeat(100);
      await wire.send(`${get('/first').repeat(20)}${get('/raw')}${raw}`);
      wire.halfClose();
      for (let index = 0; index < 20; index += 1) assert.equal((await wire.reply()).body, '/first');
      assert.ok((await wire.until('\r\n\r\n')).startsWith('HTTP/1.1 200'));
      assert.equal(await wire.rest(), raw);
    });
  });
}
