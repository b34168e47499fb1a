import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

import type { ListenOptions, RequestEvent } from '#api/http/listen.ts';
import type { Reply } from '#api/http/reply.ts';
import { serve, TRANSPORTS } from '#test/support/wire.ts';
import type { Transport, WireClient } from '#test/support/wire.ts';

/** A client of a server that answers every request alike. */
async function client(
  context: TestContext,
  reply: Reply,
  options: Partial<ListenOptions> = {},
  transport: Transport = 'unix',
): Promise<WireClient> {
  const server = await serve(context, transport, { dialect: async () => reply, ...options });
  return server.connect();
}

/** Header lines without those that differ each time, and the body. */
async function exchange(wire: WireClient, request = 'GET / HTTP/1.1\r\n\r\n'): Promise<[string[], string]> {
  await wire.send(request);
  wire.halfClose();
  const [head = '', ...body] = (await wire.rest()).split('\r\n\r\n');
  const lines = head
    .split('\r\n')
    .filter((line) => !/^(Date|X-Request-Id|Connection|Keep-Alive):/.test(line));
  return [lines, body.join('\r\n\r\n')];
}

const onFrames = (frames: AsyncIterable<unknown>, rest: object = {}): Reply => ({
  kind: 'frames',
  status: 200,
  start: 'at-once',
  frames,
  ...rest,
});

async function* items<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

async function* failing<T>(error: Error, ...values: T[]): AsyncGenerator<T> {
  yield* values;
  throw error;
}

const HEAD = 'HEAD / HTTP/1.1\r\n\r\n';

describe('an ordinary reply', () => {
  it('is compact JSON with a line end, its exact type and length', async (context) => {
    const wire = await client(context, { kind: 'json', status: 201, body: { a: [1, 'ä'], b: undefined } });
    assert.deepEqual(await exchange(wire), [
      ['HTTP/1.1 201 Created', 'Content-Type: application/json', 'Content-Length: 15'],
      Buffer.from('{"a":[1,"ä"]}\n').toString('latin1'),
    ]);
  });

  it('writes a bigint with all its digits', async (context) => {
    const wire = await client(context, {
      kind: 'json',
      status: 200,
      body: { timeNano: 1_700_000_000_123_456_789n },
    });
    assert.equal((await exchange(wire))[1], '{"timeNano":1700000000123456789}\n');
  });

  for (const status of [204, 304]) {
    it(`has neither body nor length with ${status}`, async (context) => {
      const wire = await client(context, { kind: 'empty', status });
      const [[first, ...headers], body] = await exchange(wire);
      assert.match(first ?? '', new RegExp(`^HTTP/1.1 ${status} `));
      assert.deepEqual([headers, body], [[], '']);
    });
  }

  for (const status of [200, 201]) {
    it(`says that it is empty with ${status}`, async (context) => {
      const wire = await client(context, { kind: 'empty', status });
      const [[, ...headers], body] = await exchange(wire);
      assert.deepEqual([headers, body], [['Content-Length: 0'], '']);
    });
  }

  it('is text as it is', async (context) => {
    const wire = await client(context, { kind: 'text', status: 404, body: 'page not found\n' });
    assert.deepEqual(await exchange(wire), [
      ['HTTP/1.1 404 Not Found', 'Content-Type: text/plain; charset=utf-8', 'Content-Length: 15'],
      'page not found\n',
    ]);
  });

  it('carries its own headers and those of the listener, its own winning in any case', async (context) => {
    const reply: Reply = {
      kind: 'json',
      status: 200,
      body: 1,
      headers: { 'content-type': 'x/y', server: 'mine' },
    };
    const wire = await client(context, reply, {
      headers: ({ path }) => ({ Server: 'theirs', 'Access-Control-Allow-Origin': '*', 'X-Path': path }),
    });
    const [lines] = await exchange(wire, 'GET /p HTTP/1.1\r\n\r\n');
    const expected = [
      'Access-Control-Allow-Origin: *',
      'Content-Length: 2',
      'X-Path: /p',
      'content-type: x/y',
      'server: mine',
    ];
    assert.deepEqual(lines.slice(1).toSorted(), expected);
  });

  it('names the request and the time', async (context) => {
    let id = '';
    const wire = await client(
      context,
      { kind: 'empty', status: 204 },
      { onRequest: (event) => (id = event.id) },
    );
    await wire.send('GET / HTTP/1.1\r\n\r\n');
    const { head } = await wire.reply();
    assert.match(head, /^Date: .* GMT\r$/m);
    assert.equal(/^X-Request-Id: (.*)\r$/m.exec(head)?.[1], id);
  });

  it('keeps the connection for the next request', async (context) => {
    const wire = await client(context, { kind: 'json', status: 200, body: 'x' });
    for (let turn = 0; turn < 3; turn += 1) {
      await wire.send('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc');
      assert.equal((await wire.reply()).body, '"x"\n');
    }
  });

  it('closes the connection of an HTTP/1.0 client', async (context) => {
    const wire = await client(context, onFrames(items(1, 2)));
    await wire.send('GET / HTTP/1.0\r\n\r\n');
    const text = await wire.rest();
    assert.match(text, /^Connection: close\r$/m);
    assert.ok(text.endsWith('\r\n\r\n1\r\n2\r\n'), text);
  });

  it('is written when a client says its last before the answer is there', async (context) => {
    for (const transport of TRANSPORTS) {
      const server = await serve(context, transport, {
        dialect: async (request) => {
          for await (const chunk of request.stream()) assert.equal(chunk.length, 0);
          await halfClosed.promise;
          // The FIN is on its way: the answer comes some turns after it.
          for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
          return { kind: 'text', status: 200, body: String(request.signal.aborted) };
        },
      });
      const halfClosed = Promise.withResolvers<void>();
      const wire = await server.connect();
      await wire.send('GET / HTTP/1.1\r\n\r\n');
      wire.halfClose();
      halfClosed.resolve();
      assert.match(await wire.rest(), /\r\n\r\nfalse$/);
    }
  });
});

describe('HEAD', () => {
  const replies: Readonly<Record<string, Reply>> = {
    json: { kind: 'json', status: 200, body: { a: 1 } },
    text: { kind: 'text', status: 200, body: 'abc' },
    empty: { kind: 'empty', status: 200 },
    frames: onFrames(items(1)),
    bytes: {
      kind: 'bytes',
      status: 200,
      start: 'with-first',
      body: items(Buffer.from('x')),
      headers: { 'Content-Length': '1', 'X-Stat': 's' },
    },
  };
  for (const [name, reply] of Object.entries(replies)) {
    it(`gets the headers of a ${name} reply and no body`, async (context) => {
      const withBody = await exchange(await client(context, reply));
      const without = await exchange(await client(context, reply), HEAD);
      // How a body that is not sent would be framed need not be said (RFC 9110, 8.6 and 9.3.2).
      assert.deepEqual(without, [withBody[0].filter((line) => line !== 'Transfer-Encoding: chunked'), '']);
    });
  }

  it('lets go of a stream that it does not need', async (context) => {
    const returned = Promise.withResolvers<void>();
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => assert.fail('nobody wants bytes'),
        return: async () => {
          returned.resolve();
          return { done: true, value: undefined };
        },
      }),
    };
    const wire = await client(context, { kind: 'bytes', status: 200, start: 'with-first', body });
    await wire.send(HEAD);
    await returned.promise;
  });
});

describe('a stream', () => {
  it('sends its head before the first item when it is to start at once', async (context) => {
    const first = Promise.withResolvers<unknown>();
    const wire = await client(
      context,
      onFrames(
        (async function* () {
          yield await first.promise;
        })(),
      ),
    );
    await wire.send('GET / HTTP/1.1\r\n\r\n');
    const head = await wire.until('\r\n\r\n');
    assert.match(head, /^HTTP\/1.1 200 OK\r\n/);
    assert.match(head, /^Content-Type: application\/json\r$/m);
    assert.match(head, /^Transfer-Encoding: chunked\r$/m);
    first.resolve({ StatusCode: 0 });
    assert.equal(await wire.until('0\r\n\r\n'), '12\r\n{"StatusCode":0}\r\n\r\n0\r\n\r\n');
  });

  it('sends each object on its own, with its terminator', async (context) => {
    const next = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()];
    const frames = (async function* () {
      for (const { promise } of next) yield await promise;
    })();
    const wire = await client(context, onFrames(frames, { terminator: '\n' }));
    await wire.send('GET / HTTP/1.1\r\n\r\n');
    await wire.until('\r\n\r\n');
    next[0]?.resolve({ a: 1 });
    assert.equal(await wire.until('}\n\r\n'), '8\r\n{"a":1}\n\r\n');
    next[1]?.resolve({ n: 2n ** 60n });
    assert.equal(await wire.until('0\r\n\r\n'), '1a\r\n{"n":1152921504606846976}\n\r\n0\r\n\r\n');
  });

  it('that fails before its first item becomes the failure reply', async (context) => {
    const reply = onFrames(failing(new Error('no such image')), {
      start: 'with-first',
      headers: { 'X-Gone': '1' },
    });
    const wire = await client(context, reply, {
      failure: (error) => ({ kind: 'json', status: 404, body: { message: String(error) } }),
      headers: () => ({ Server: 's' }),
    });
    assert.deepEqual(await exchange(wire), [
      ['HTTP/1.1 404 Not Found', 'Content-Type: application/json', 'Server: s', 'Content-Length: 35'],
      '{"message":"Error: no such image"}\n',
    ]);
  });

  it('that fails later ends with the last words it has for that', async (context) => {
    for (const start of ['at-once', 'with-first']) {
      const onError = (error: unknown): unknown => ({ error: String(error) });
      const wire = await client(
        context,
        onFrames(failing(new Error('disk full'), { a: 1 }), { start, onError }),
      );
      const [[first], body] = await exchange(wire);
      assert.equal(first, 'HTTP/1.1 200 OK');
      assert.equal(body, '9\r\n{"a":1}\r\n\r\n1e\r\n{"error":"Error: disk full"}\r\n\r\n0\r\n\r\n');
    }
  });

  it('that fails later without last words is cut, and the log hears of it', async (context) => {
    const told = Promise.withResolvers<RequestEvent>();
    const wire = await client(context, onFrames(failing(new Error('disk full'), 1)), {
      onRequest: told.resolve,
    });
    const [, body] = await exchange(wire);
    assert.ok(!body.includes('0\r\n\r\n'), body);
    assert.match(String((await told.promise).error), /disk full/);
  });

  it('without items is an empty body', async (context) => {
    const atOnce = await client(context, onFrames(items(), { contentType: 'text/x' }));
    assert.deepEqual(await exchange(atOnce), [
      ['HTTP/1.1 200 OK', 'Content-Type: text/x', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ]);
    const withFirst = await client(
      context,
      onFrames(items(), { contentType: 'text/x', start: 'with-first' }),
    );
    assert.deepEqual(await exchange(withFirst), [
      ['HTTP/1.1 200 OK', 'Content-Type: text/x', 'Content-Length: 0'],
      '',
    ]);
  });

  it('of bytes is sent as it comes, with a length if the reply has one', async (context) => {
    const body = items(Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c'));
    const headers = { 'Content-Length': '3' };
    const wire = await client(context, { kind: 'bytes', status: 200, start: 'with-first', body, headers });
    assert.deepEqual(await exchange(wire), [
      ['HTTP/1.1 200 OK', 'Content-Type: application/octet-stream', 'Content-Length: 3'],
      'abc',
    ]);
  });

  it('is counted for the log without its framing', async (context) => {
    const told = Promise.withResolvers<RequestEvent>();
    const wire = await client(context, onFrames(items(1, 22)), { onRequest: told.resolve });
    await exchange(wire);
    const { status, bytes, ms } = await told.promise;
    assert.deepEqual([status, bytes, ms > 0], [200, 7, true]);
  });

  for (const transport of TRANSPORTS) {
    it(`waits for a client that does not read (${transport})`, { timeout: 60_000 }, async (context) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const total = 200 * 1024 * 1024;
      let produced = 0;
      const started = Promise.withResolvers<void>();
      const body = (async function* () {
        for (; produced < total; produced += chunk.length) {
          yield chunk;
          started.resolve();
        }
      })();
      const wire = await client(
        context,
        { kind: 'bytes', status: 200, start: 'at-once', body },
        {},
        transport,
      );
      wire.socket.removeAllListeners('data');
      wire.socket.pause();
      await wire.send('GET / HTTP/1.0\r\n\r\n');
      await started.promise;
      for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
      assert.ok(produced < 16 * 1024 * 1024, `${produced} bytes produced though nobody reads`);
      let got = 0;
      wire.socket.on('data', (bytes: Buffer) => (got += bytes.length));
      wire.socket.resume();
      await wire.rest();
      assert.ok(got > total && got < total + 1000);
    });
  }
});

describe('a reply that cannot be written', () => {
  it('becomes the failure reply', async (context) => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const impossible: Reply[] = [
      { kind: 'json', status: 200, body: circular },
      { kind: 'empty', status: 200, headers: { 'X-Bad': 'line\nbreak' } },
      { kind: 'empty', status: 99 },
    ];
    for (const reply of impossible) {
      const told = Promise.withResolvers<RequestEvent>();
      const wire = await client(context, reply, { onRequest: told.resolve });
      const [[first], body] = await exchange(wire);
      assert.deepEqual([first, body], ['HTTP/1.1 500 Internal Server Error', 'internal error\n']);
      const { status, error } = await told.promise;
      assert.ok(status === 500 && error instanceof Error);
    }
  });

  it('cuts the connection when the failure reply cannot be written either', async (context) => {
    const wire = await client(
      context,
      { kind: 'empty', status: 99 },
      { failure: () => ({ kind: 'empty', status: 98 }) },
    );
    await wire.send('GET / HTTP/1.1\r\n\r\n');
    assert.equal(await wire.rest(), '');
  });

  it('is what a dialect that throws gives', async (context) => {
    const told = Promise.withResolvers<RequestEvent>();
    const server = await serve(context, 'unix', {
      dialect: async () => {
        throw new Error('bug');
      },
      onRequest: told.resolve,
    });
    const wire = await server.connect();
    await wire.send('GET / HTTP/1.1\r\n\r\n');
    assert.equal((await wire.reply()).status, 500);
    assert.match(String((await told.promise).error), /bug/);
  });
});
