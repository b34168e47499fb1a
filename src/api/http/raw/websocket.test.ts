import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

import { WebSocket } from 'ws';

import type { RequestEvent } from '#api/http/listen.ts';
import type { RawStream, Reply, WebSocketReply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { serve, TRANSPORTS } from '#test/support/wire.ts';
import type { Server, Transport } from '#test/support/wire.ts';

type Handler = (stream: RawStream) => Promise<void>;

const echo: Handler = async (stream) => {
  for await (const chunk of stream.input) await stream.write(chunk);
};

const reply = (handler: Handler, rest: Partial<WebSocketReply> = {}): Reply => ({
  kind: 'websocket',
  frames: 'text',
  serve: handler,
  ...rest,
});

/** A `ws` client over a connection of its own, not yet open. */
async function dial(server: Server, path = '/', options: object = {}): Promise<WebSocket> {
  const wire = await server.connect();
  wire.socket.removeAllListeners('data');
  return new WebSocket(`ws://localhost${path}`, { createConnection: () => wire.socket, ...options });
}

async function open(
  context: TestContext,
  answer: Reply,
  transport: Transport = 'unix',
  onRequest: (event: RequestEvent) => void = () => undefined,
): Promise<WebSocket> {
  const server = await serve(context, transport, { dialect: async () => answer, onRequest });
  const socket = await dial(server);
  context.after(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

async function nextMessage(socket: WebSocket): Promise<{ text: string; isBinary: boolean }> {
  const [data, isBinary]: [Buffer, boolean] = (await once(socket, 'message')) as never;
  return { text: data.toString('latin1'), isBinary };
}

const HANDSHAKE =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

for (const transport of TRANSPORTS) {
  describe(`a websocket (${transport})`, () => {
    it('carries bytes both ways', async (context) => {
      const socket = await open(context, reply(echo), transport);
      for (const word of ['hello', 'you']) {
        socket.send(word);
        assert.deepEqual(await nextMessage(socket), { text: word, isBinary: false });
      }
    });

    it('waits for a client that does not read', async (context) => {
      const total = 64 * 1024 * 1024;
      const chunk = Buffer.alloc(256 * 1024, 'x');
      let accepted = 0;
      let mostPending = 0;
      const stalled = Promise.withResolvers<void>();
      const socket = await open(
        context,
        reply(async (stream) => {
          for (; accepted < total; accepted += chunk.length) {
            const write = stream.write(chunk);
            mostPending = Math.max(mostPending, stream.pendingBytes);
            if (stream.pendingBytes > 0) stalled.resolve();
            await write;
          }
        }),
        transport,
      );
      let got = 0;
      socket.on('message', (data: Buffer) => (got += data.length));
      socket.pause();
      await stalled.promise;
      for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
      assert.ok(accepted < 16 * 1024 * 1024, `${accepted} bytes accepted though nobody reads`);
      socket.resume();
      await once(socket, 'close');
      assert.equal(got, total);
      assert.ok(mostPending < 1024 * 1024, `${mostPending} bytes pending`);
    });

    it('tells its handler when the client vanishes', async (context) => {
      const ended = Promise.withResolvers<void>();
      const server = await serve(context, transport, {
        dialect: async () =>
          reply(async (stream) => {
            await once(stream.signal, 'abort');
            for await (const chunk of stream.input) assert.fail(`${chunk.length} bytes`);
            await assert.rejects(stream.write(Buffer.from('x')), (error) =>
              isEngineError(error, 'cancelled'),
            );
            await stream.end();
            ended.resolve();
          }),
      });
      const wire = await server.connect();
      await wire.send(`GET / HTTP/1.1\r\n${HANDSHAKE}\r\n`);
      await wire.until('\r\n\r\n');
      wire.vanish();
      await ended.promise;
    });
  });
}

describe('a websocket', () => {
  it('is shaken hands with as the standard says, with headers of the reply, without Origin', async (context) => {
    const answer = reply(echo, { headers: { 'X-More': '1' } });
    const server = await serve(context, 'unix', {
      dialect: async () => answer,
      headers: () => ({ Server: 's' }),
    });
    const wire = await server.connect();
    await wire.send(`GET / HTTP/1.1\r\n${HANDSHAKE}\r\n`);
    const head = await wire.until('\r\n\r\n');
    assert.match(head, /^HTTP\/1.1 101 Switching Protocols\r\n/);
    assert.match(head, /^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/m);
    assert.match(head, /^X-More: 1\r$/m);
    assert.doesNotMatch(head, /^Server:/m);
  });

  it('takes frames that came with the handshake', async (context) => {
    const server = await serve(context, 'unix', { dialect: async () => reply(echo) });
    const wire = await server.connect();
    // "hi", masked with zeros.
    await wire.send(`GET / HTTP/1.1\r\n${HANDSHAKE}\r\n\x81\x82\0\0\0\0hi`);
    await wire.until('\r\n\r\n');
    assert.equal(await wire.take(4), '\x81\x02hi');
  });

  it('sends text as text, other bytes as binary, and all as binary if asked', async (context) => {
    const words = [Buffer.from('grün'), Buffer.from([0xff, 0xfe])];
    const say: Handler = async (stream) => {
      for (const word of words) await stream.write(word);
      for await (const chunk of stream.input) assert.fail(String(chunk));
    };
    for (const frames of ['text', 'binary'] as const) {
      const server = await serve(context, 'unix', { dialect: async () => reply(say, { frames }) });
      const socket = await dial(server);
      const kinds: boolean[] = [];
      for await (const [, isBinary] of on(socket, 'message')) if (kinds.push(isBinary) === 2) break;
      assert.deepEqual(kinds, [frames === 'binary', true]);
      socket.close();
      await once(socket, 'close');
    }
  });

  it('answers pings', async (context) => {
    const socket = await open(context, reply(echo));
    socket.ping('x');
    const [data] = await once(socket, 'pong');
    assert.equal(String(data), 'x');
  });

  it('ends its input when the client says goodbye', async (context) => {
    const told = Promise.withResolvers<RequestEvent>();
    const socket = await open(context, reply(echo), 'unix', told.resolve);
    socket.close(1000);
    const [code] = await once(socket, 'close');
    assert.equal(code, 1000);
    const { status, error } = await told.promise;
    assert.deepEqual([status, error], [101, undefined]);
  });

  it('says goodbye when its handler is done, and why when it failed', async (context) => {
    const done = await open(
      context,
      reply(async (stream) => stream.write(Buffer.from('bye'))),
    );
    assert.equal((await once(done, 'close'))[0], 1000);
    const told = Promise.withResolvers<RequestEvent>();
    const failing: Handler = async () => {
      throw new Error('broken');
    };
    const failed = await open(context, reply(failing), 'unix', told.resolve);
    assert.equal((await once(failed, 'close'))[0], 1011);
    assert.match(String((await told.promise).error), /broken/);
  });

  it('may be refused with an ordinary reply', async (context) => {
    const dialect = async ({ path }: HttpRequest): Promise<Reply> => ({
      kind: 'text',
      status: 404,
      body: `no ${path}`,
    });
    const server = await serve(context, 'unix', { dialect });
    const socket = await dial(server, '/a%2Fb');
    const [error] = await once(socket, 'error');
    assert.match(String(error), /404/);
    const wire = await server.connect();
    await wire.send(`GET /x HTTP/1.1\r\n${HANDSHAKE}\r\n`);
    assert.equal((await wire.reply()).body, 'no /x');
  });

  it('is refused to those who do not ask properly, and its handler is told', async (context) => {
    const requests = [
      'GET / HTTP/1.1\r\n\r\n',
      'POST / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      `GET / HTTP/1.1\r\n${HANDSHAKE.replace('13', '99')}\r\n`,
    ];
    for (const request of requests) {
      const served = Promise.withResolvers<RawStream>();
      const answer = reply(async (stream) => served.resolve(stream));
      const server = await serve(context, 'unix', { dialect: async () => answer });
      const wire = await server.connect();
      await wire.send(request);
      assert.match((await wire.reply()).head, /^HTTP\/1.1 4\d\d /);
      assert.equal((await served.promise).signal.aborted, true);
    }
  });
});
