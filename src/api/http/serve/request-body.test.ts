import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

import type { HttpRequest } from '#api/http/request.ts';
import type { Reply } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { serve, TRANSPORTS } from '#test/support/wire.ts';
import type { Transport, WireClient } from '#test/support/wire.ts';

/** Answers with what `see` finds in the request. */
async function seeing(
  context: TestContext,
  see: (request: HttpRequest) => Promise<unknown>,
  transport: Transport = 'unix',
): Promise<WireClient> {
  const dialect = async (request: HttpRequest): Promise<Reply> => {
    try {
      return { kind: 'json', status: 200, body: await see(request) };
    } catch (error) {
      assert.ok(error instanceof EngineError);
      return { kind: 'text', status: 400, body: `${error.kind} ${error.code}` };
    }
  };
  return (await serve(context, transport, { dialect })).connect();
}

async function ask(wire: WireClient, ...packets: string[]): Promise<unknown> {
  for (const packet of packets) await wire.send(packet);
  const { status, body } = await wire.reply();
  return status === 200 ? JSON.parse(body) : body;
}

const text = (request: HttpRequest): Promise<unknown> => request.text();

describe('a request body', () => {
  it('may have a length, come in chunks, or be absent', async (context) => {
    const wire = await seeing(context, async (request) => [request.hasBody, await request.text()]);
    assert.deepEqual(await ask(wire, 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na', 'bc'), [true, 'abc']);
    const chunked = 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
    assert.deepEqual(await ask(wire, chunked, '2\r\nab\r\n', '1\r\nc\r\n0\r\n\r\n'), [true, 'abc']);
    assert.deepEqual(await ask(wire, 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n'), [false, '']);
    assert.deepEqual(await ask(wire, 'POST / HTTP/1.1\r\nContent-Type: plain/text\r\n\r\n'), [false, '']);
    assert.deepEqual(await ask(wire, 'DELETE / HTTP/1.1\r\n\r\n'), [false, '']);
  });

  it('is read once and given as often as asked', async (context) => {
    const wire = await seeing(context, async (request) => {
      const twice = [await request.text(), await request.text()];
      let streamed = '';
      for await (const chunk of request.stream()) streamed += Buffer.from(chunk).toString();
      return [...twice, streamed];
    });
    assert.deepEqual(await ask(wire, 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc'), [
      'abc',
      'abc',
      'abc',
    ]);
  });

  it('past the limit is refused, and the connection goes on', async (context) => {
    const wire = await seeing(context, (request) => request.text(4));
    const tooMuch = 'POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n';
    assert.equal(await ask(wire, tooMuch, 'x'.repeat(300_000)), 'invalid http.body-too-large');
    assert.equal(await ask(wire, 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd'), 'abcd');
  });

  it('that nobody reads does not stand in the way of the next request', async (context) => {
    const wire = await seeing(context, async () => 'unread');
    for (let turn = 0; turn < 2; turn += 1) {
      const head = 'POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n';
      assert.equal(await ask(wire, head, 'x'.repeat(1_000_000)), 'unread');
    }
  });

  it('that is read in part only does not, either', async (context) => {
    const wire = await seeing(context, async (request) => {
      for await (const chunk of request.stream()) return chunk.length > 0;
      return false;
    });
    for (let turn = 0; turn < 2; turn += 1) {
      const head = 'POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n';
      assert.equal(await ask(wire, head, 'x'.repeat(1_000_000)), true);
    }
  });

  for (const transport of TRANSPORTS) {
    it(`is not read faster than its reader takes it (${transport})`, async (context) => {
      const total = 64 * 1024 * 1024;
      const release = Promise.withResolvers<void>();
      const wire = await seeing(
        context,
        async (request) => {
          await release.promise;
          let size = 0;
          for await (const chunk of request.stream()) size += chunk.length;
          return size;
        },
        transport,
      );
      await wire.send(`POST / HTTP/1.1\r\nContent-Length: ${total}\r\n\r\n`);
      const sent = wire.send(Buffer.alloc(total, 'x'));
      for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
      assert.ok(wire.socket.writableLength > 0, 'the server swallows what nobody reads');
      release.resolve();
      await sent;
      assert.equal(JSON.parse((await wire.reply()).body), total);
    });
  }

  it('is asked for when its client waits to be asked', async (context) => {
    const wire = await seeing(context, text);
    await wire.send('POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n');
    assert.equal(await wire.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
    assert.equal(await ask(wire, 'abc'), 'abc');
  });

  it('is not asked for when it is not wanted', async (context) => {
    const wire = await seeing(context, async () => 'no, thanks');
    await wire.send('POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n');
    const { head, body } = await wire.reply();
    assert.match(head, /^HTTP\/1.1 200 /);
    assert.match(head, /^Connection: close\r$/m);
    assert.equal(body, '"no, thanks"\n');
  });

  it('with malformed chunks is refused', async (context) => {
    const failed = Promise.withResolvers<unknown>();
    const asked = Promise.withResolvers<void>();
    const wire = await seeing(context, async (request) => {
      asked.resolve();
      await request.text().catch(failed.resolve);
      return request.signal.aborted;
    });
    await wire.send('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    await asked.promise;
    await wire.send('zz\r\n');
    const { status, head } = await wire.reply();
    assert.equal(status, 400);
    assert.match(head, /^Content-Type: text\/plain; charset=utf-8\r$/m);
    assert.ok((await failed.promise) instanceof EngineError);
  });
});

describe('a form', () => {
  const query = async (request: HttpRequest): Promise<unknown> => [...request.query, request.query.get('t')];
  const form = (type: string, method = 'POST'): string =>
    `${method} /x?t=url&a=1 HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: 9\r\n\r\nt=form&b=`;

  it('stands before the query, so that its values win', async (context) => {
    const wire = await seeing(context, query);
    const expected = [['t', 'form'], ['b', ''], ['t', 'url'], ['a', '1'], 'form'];
    assert.deepEqual(await ask(wire, form('application/x-www-form-urlencoded')), expected);
    assert.deepEqual(await ask(wire, form('Application/X-WWW-Form-Urlencoded; charset=utf-8')), expected);
  });

  it('is one only by its type, and in requests that have bodies', async (context) => {
    const wire = await seeing(context, query);
    const expected = [['t', 'url'], ['a', '1'], 'url'];
    assert.deepEqual(await ask(wire, form('application/json')), expected);
    assert.deepEqual(await ask(wire, form('application/x-www-form-urlencoded', 'GET')), expected);
    assert.deepEqual(await ask(wire, form('a/b; broken="')), expected);
  });

  it('can still be read as a body', async (context) => {
    const wire = await seeing(context, text);
    assert.equal(await ask(wire, form('application/x-www-form-urlencoded')), 't=form&b=');
  });

  it('that is too large for one, or holds what none does, is a body and byte for byte', async (context) => {
    const seen = async (request: HttpRequest): Promise<unknown> => {
      const body = Buffer.concat(await Array.fromAsync(request.stream()));
      return [body.toString('base64'), [...request.query.keys()].length];
    };
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    for (const body of [Buffer.alloc(3_000_000, bytes), Buffer.concat([Buffer.from('a=b&c='), bytes])]) {
      const wire = await seeing(context, seen);
      const head = `POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
      assert.deepEqual(await ask(wire, head, body.toString('latin1')), [body.toString('base64'), 0]);
    }
  });
});
