import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

import { serve, TRANSPORTS } from '#test/support/wire.ts';
import type { Transport, WireClient } from '#test/support/wire.ts';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';

const RAW = 'application/vnd.example.raw-stream';
const HEAD_200 = `HTTP/1.1 200 OK\r\nContent-Type: ${RAW}\r\n\r\n`;
const HEAD_101 = `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${RAW}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';

/** `/raw` answers with `[body]`, then echoes its input, then says `.`; the rest is ordinary. */
async function answer(request: HttpRequest): Promise<Reply> {
  if (request.path !== '/raw' || request.query.has('refuse')) {
    const text = `${request.method} ${request.path} ${await request.text()}`;
    return { kind: 'text', status: request.query.has('refuse') ? 404 : 200, body: text };
  }
  const body = request.query.has('ignore-body') ? '' : await request.text();
  return {
    kind: 'hijack',
    contentType: RAW,
    serve: async (stream) => {
      await stream.write(Buffer.from(`[${body}]`));
      for await (const chunk of stream.input) await stream.write(chunk);
      await stream.write(Buffer.from('.'));
    },
  };
}

async function connect(context: TestContext, transport: Transport): Promise<WireClient> {
  const server = await serve(context, transport, {
    dialect: answer,
    mayHijack: (method, path) => method === 'POST' && path === '/raw',
    headers: () => ({ Server: 'test' }),
  });
  return server.connect();
}

const RAW_INPUT = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n\0\xff\r\n0\r\n\r\n';

type Case = { readonly packets: readonly string[]; readonly expect: string };

const CASES: Readonly<Record<string, Case>> = {
  'Upgrade, no body': { packets: [`POST /raw HTTP/1.1\r\n${UPGRADE}\r\n`], expect: `${HEAD_101}[].` },
  'Upgrade of any value': {
    packets: ['POST /raw HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: whatever\r\n\r\n'],
    expect: `${HEAD_101}[].`,
  },
  'Upgrade without Connection: Upgrade': {
    packets: ['POST /raw HTTP/1.1\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\nhi'],
    expect: `${HEAD_101}[]hi.`,
  },
  'Upgrade, body and input in the packet of the head': {
    packets: [`POST /raw HTTP/1.1\r\n${UPGRADE}Content-Length: 4\r\n\r\nbody${RAW_INPUT}`],
    expect: `${HEAD_101}[body]${RAW_INPUT}.`,
  },
  'Upgrade, body split': {
    packets: [`POST /raw HTTP/1.1\r\n${UPGRADE}Content-Length: 4\r\n\r\nb`, 'o', `dy${RAW_INPUT}`],
    expect: `${HEAD_101}[body]${RAW_INPUT}.`,
  },
  'no Upgrade, Content-Length 0, raw bytes behind': {
    packets: [`POST /raw HTTP/1.1\r\nContent-Length: 0\r\n\r\n${RAW_INPUT}`],
    expect: `${HEAD_200}[]${RAW_INPUT}.`,
  },
  'no Upgrade, no Content-Length, raw bytes behind': {
    packets: [`POST /raw HTTP/1.1\r\nContent-Type: plain/text\r\n\r\n${RAW_INPUT}`],
    expect: `${HEAD_200}[]${RAW_INPUT}.`,
  },
  'no Upgrade, raw bytes in packets of their own': {
    packets: ['POST /raw HTTP/1.1\r\n\r\n', RAW_INPUT, RAW_INPUT],
    expect: `${HEAD_200}[]${RAW_INPUT}${RAW_INPUT}.`,
  },
  'no Upgrade, body and input in one packet': {
    packets: [`POST /raw HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody${RAW_INPUT}`],
    expect: `${HEAD_200}[body]${RAW_INPUT}.`,
  },
  'HTTP/1.0': {
    packets: ['POST /raw HTTP/1.0\r\nContent-Length: 4\r\n\r\nbodyinput'],
    expect: `${HEAD_200}[body]input.`,
  },
  'head split at odd places': {
    packets: [
      'PO',
      'ST /r',
      'aw HT',
      'TP/1.1\r',
      '\nContent-Len',
      'gth: 4\r',
      '\n\r',
      '\nbo',
      `dy${RAW_INPUT}`,
    ],
    expect: `${HEAD_200}[body]${RAW_INPUT}.`,
  },
  'a body that the handler does not read is no input': {
    packets: ['POST /raw?ignore-body HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo', `dy${RAW_INPUT}`],
    expect: `${HEAD_200}[]${RAW_INPUT}.`,
  },
  'chunked body': {
    packets: [
      `POST /raw HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nbo\r\n2\r\ndy\r\n0\r\nTrailer: 1\r\n\r\n${RAW_INPUT}`,
    ],
    expect: `${HEAD_200}[body]${RAW_INPUT}.`,
  },
  'chunked body, split, with Upgrade': {
    packets: [
      `POST /raw HTTP/1.1\r\n${UPGRADE}Transfer-Encoding: chunked\r\n\r\n`,
      '4',
      '\r',
      '\nbod',
      'y\r\n0\r\n\r',
      `\n${RAW_INPUT}`,
    ],
    expect: `${HEAD_101}[body]${RAW_INPUT}.`,
  },
};

for (const transport of TRANSPORTS) {
  describe(`a taken-over connection (${transport})`, () => {
    for (const [name, { packets, expect }] of Object.entries(CASES)) {
      it(`loses no byte: ${name}`, async (context) => {
        const client = await connect(context, transport);
        for (const packet of packets) await client.send(packet);
        client.halfClose();
        assert.equal(await client.rest(), expect);
      });
    }

    it('may follow an ordinary request', async (context) => {
      const client = await connect(context, transport);
      await client.send('GET /a HTTP/1.1\r\n\r\n');
      assert.equal((await client.reply()).body, 'GET /a ');
      await client.send('POST /raw HTTP/1.1\r\n\r\nin');
      assert.equal(await client.until('[]in'), `${HEAD_200}[]in`);
    });

    it('may follow ordinary requests in one packet, and waits for their answers', async (context) => {
      const client = await connect(context, transport);
      await client.send(
        `POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\n1GET /b HTTP/1.1\r\n\r\nPOST /raw HTTP/1.1\r\n\r\n${RAW_INPUT}`,
      );
      client.halfClose();
      assert.equal((await client.reply()).body, 'POST /a 1');
      assert.equal((await client.reply()).body, 'GET /b ');
      assert.equal(await client.rest(), `${HEAD_200}[]${RAW_INPUT}.`);
    });

    it('may still get an ordinary answer, after which it serves what follows', async (context) => {
      const client = await connect(context, transport);
      await client.send(`POST /raw?refuse HTTP/1.1\r\n${UPGRADE}Content-Length: 4\r\n\r\nbody`);
      const { head, status, body } = await client.reply();
      assert.equal(status, 404);
      assert.equal(body, 'POST /raw body');
      for (const line of [/^Connection: keep-alive/m, /^Date: /m, /^Server: test/m, /^X-Request-Id: /m]) {
        assert.match(head, line);
      }
      assert.match(head, /^Content-Type: text\/plain; charset=utf-8\r$/m);
      await client.send('GET /a HTTP/1.1\r\n\r\n');
      assert.equal((await client.reply()).body, 'GET /a ');
      await client.send('POST /raw HTTP/1.1\r\n\r\nin');
      assert.equal(await client.until('[]in'), `${HEAD_200}[]in`);
    });

    it('is given back with all that has come, again and again', async (context) => {
      const client = await connect(context, transport);
      const refused = 'POST /raw?refuse HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n';
      const ROUNDS = 50;
      const warned: unknown[] = [];
      const warn = (warning: unknown): number => warned.push(warning);
      process.on('warning', warn);
      context.after(() => process.removeListener('warning', warn));
      void client.send(`${refused}GET /a HTTP/1.1\r\n\r\n`.repeat(ROUNDS));
      for (let round = 0; round < ROUNDS; round += 1) {
        assert.equal((await client.reply()).body, 'POST /raw x');
        assert.equal((await client.reply()).body, 'GET /a ');
      }
      await client.send(`POST /raw HTTP/1.1\r\n\r\n${RAW_INPUT}`);
      client.halfClose();
      assert.equal(await client.rest(), `${HEAD_200}[]${RAW_INPUT}.`);
      // As Node does of listeners that are added and never taken away.
      assert.deepEqual(warned, []);
    });

    it('that is given back again and again leaves others their turn', async (context) => {
      const COUNT = 2000;
      let hostile = 0;
      const server = await serve(context, transport, {
        mayHijack: (_method, path) => path === '/raw',
        dialect: async ({ path }) => {
          if (path === '/raw') hostile += 1;
          return { kind: 'text', status: 404, body: '.' };
        },
      });
      const [wire, other] = [await server.connect(), await server.connect()];
      wire.socket.removeAllListeners('data');
      wire.socket.resume();
      void wire.send('POST /raw HTTP/1.1\r\n\r\n'.repeat(COUNT));
      const between: number[] = [];
      while (hostile < COUNT) {
        const before = hostile;
        await other.send('GET /other HTTP/1.1\r\n\r\n');
        await other.reply();
        between.push(hostile - before);
      }
      assert.ok(Math.max(...between) <= 100, `${Math.max(...between)} of them before one answer`);
    });

    for (const [name, request] of Object.entries({
      'that says so': `POST /raw?refuse HTTP/1.1\r\nConnection: close\r\n\r\n`,
      'of HTTP/1.0': 'POST /raw?refuse HTTP/1.0\r\n\r\n',
    })) {
      it(`closes after an ordinary answer to a client ${name}`, async (context) => {
        const client = await connect(context, transport);
        await client.send(request);
        const { status, head } = await client.reply();
        assert.equal(status, 404);
        assert.match(head, /^Connection: close/m);
        assert.equal(await client.rest(), '');
      });
    }

    it('closes after an ordinary answer to a client that sends no more', async (context) => {
      const client = await connect(context, transport);
      await client.send('POST /raw?refuse HTTP/1.1\r\n\r\n');
      client.halfClose();
      assert.match(await client.rest(), /^HTTP\/1.1 404 /);
    });

    it('tells a client that asks first to send its body', async (context) => {
      const client = await connect(context, transport);
      await client.send('POST /raw HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
      assert.equal(await client.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
      await client.send('body');
      assert.equal(await client.until('[body]'), `${HEAD_200}[body]`);
    });

    it('is not made of other addresses: an Upgrade there is served plainly', async (context) => {
      const client = await connect(context, transport);
      const h2c =
        'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
      await client.send(`GET /a HTTP/1.1\r\n${h2c}\r\n`);
      assert.equal((await client.reply()).body, 'GET /a ');
      await client.send(`POST /b HTTP/1.1\r\n${h2c}Content-Length: 4\r\n\r\nbo`);
      await client.send('dy');
      assert.equal((await client.reply()).body, 'POST /b body');
      await client.send(
        `POST /c HTTP/1.1\r\n${UPGRADE}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
      );
      assert.equal((await client.reply()).body, 'POST /c x');
    });

    it('cannot be had at an address that was not announced', async (context) => {
      const client = await connect(context, transport);
      await client.send('GET /raw HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n');
      assert.equal((await client.reply()).status, 500);
      assert.equal((await client.reply()).body, 'GET /a ');
    });
  });
}
