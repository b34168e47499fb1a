import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectNet, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';

import { isEngineError } from '#domain/error/engine-error.ts';
import { makeCertificates } from '#test/support/certificates.ts';
import { makeSocketPath, serve, TRANSPORTS, WireClient } from '#test/support/wire.ts';

import { listen } from './listen.ts';
import type { ListenOptions } from './listen.ts';
import type { Reply } from './reply.ts';
import type { HttpRequest } from './request.ts';

const dialect = async ({ method, path, query, peer }: HttpRequest): Promise<Reply> => ({
  kind: 'json',
  status: 200,
  body: [method, path, [...query], peer],
});

async function ask(wire: WireClient, request: string): Promise<unknown> {
  await wire.send(request);
  return JSON.parse(Buffer.from((await wire.reply()).body, 'latin1').toString());
}

const refusal = (kind: 'conflict' | 'invalid', words: RegExp) => (error: unknown) =>
  isEngineError(error, kind) && words.test(error.message);

async function bound(context: TestContext, options: Omit<ListenOptions, 'dialect'>): Promise<string> {
  const listener = await listen({ ...options, dialect });
  context.after(() => listener.close(0));
  return listener.url;
}

describe('listening on a Unix socket', () => {
  it('opens it to owner and group only', async (context) => {
    const path = await makeSocketPath(context);
    const before = process.umask();
    await bound(context, { url: `unix://${path}`, socketGroup: 'tty' });
    assert.equal(process.umask(), before);
    const { mode, gid } = statSync(path);
    const { stdout } = await promisify(execFile)('getent', ['group', 'tty']);
    assert.equal(mode & 0o777, 0o660);
    assert.equal(gid, Number(stdout.split(':')[2]));
  });

  it('does without a group that the machine lacks', async (context) => {
    const path = await makeSocketPath(context);
    await bound(context, { url: `unix://${path}`, socketGroup: 'no-such-group' });
    assert.equal(statSync(path).mode & 0o777, 0o660);
  });

  it('makes the folder, and removes the socket when it closes', async (context) => {
    const path = `${await makeSocketPath(context)}.d/deep/api.sock`;
    const listener = await listen({ url: `unix://${path}`, dialect });
    assert.equal(listener.url, `unix://${path}`);
    await listener.close();
    assert.equal(existsSync(path), false);
  });

  it('replaces one that nobody answers', async (context) => {
    const path = await makeSocketPath(context);
    const script =
      'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';
    await once(spawn(process.execPath, ['-e', script, path]), 'exit');
    assert.ok(statSync(path).isSocket());
    await bound(context, { url: `unix://${path}` });
    const wire = await opened(connectNet(path));
    assert.deepEqual(await ask(wire, 'GET / HTTP/1.1\r\n\r\n'), ['GET', '/', [], null]);
  });

  it('does not take one that is in use', async (context) => {
    const path = await makeSocketPath(context);
    await bound(context, { url: `unix://${path}` });
    await assert.rejects(listen({ url: `unix://${path}`, dialect }), refusal('conflict', new RegExp(path)));
    await opened(connectNet(path));
  });

  it('does not remove what is no socket', async (context) => {
    const path = await makeSocketPath(context);
    writeFileSync(path, 'precious');
    await assert.rejects(listen({ url: `unix://${path}`, dialect }), refusal('conflict', /not a socket/));
    assert.ok(existsSync(path));
  });
});

describe('listening on TCP', () => {
  it('tells the port that it got', async (context) => {
    for (const host of ['127.0.0.1', '[::1]']) {
      const { hostname, port } = new URL(await bound(context, { url: `tcp://${host}:0` }));
      assert.equal(hostname, host);
      assert.notEqual(port, '0');
    }
    assert.match(await bound(context, { url: 'tcp://:0' }), /^tcp:\/\/127\.0\.0\.1:\d+$/);
  });

  it('does not take a port that is in use', async (context) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    context.after(() => other.close());
    const url = `tcp://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await assert.rejects(listen({ url, dialect }), refusal('conflict', new RegExp(url)));
  });

  it('is for this machine only, unless TLS or the caller says otherwise', async (context) => {
    for (const url of ['tcp://0.0.0.0:0', 'tcp://[::]:0', 'tcp://192.0.2.1:2375']) {
      await assert.rejects(listen({ url, dialect }), refusal('invalid', /TLS/));
    }
    await bound(context, { url: 'tcp://0.0.0.0:0', insecureTcp: true });
    const { server } = await makeCertificates();
    await bound(context, { url: 'tcp://0.0.0.0:0', tls: server });
  });

  it('explains an address that it cannot have', async () => {
    await assert.rejects(
      listen({ url: 'tcp://192.0.2.1:0', insecureTcp: true, dialect }),
      refusal('invalid', /192\.0\.2\.1/),
    );
    await assert.rejects(listen({ url: 'http://127.0.0.1:0', dialect }), refusal('invalid', /expected unix/));
  });
});

/** Hands its listening socket down and sleeps, so that it takes no connection itself. */
const PARENT = `
  const server = require('node:net').createServer().listen(process.argv[1], () => {
    const stdio = ['inherit', 'inherit', 'inherit', server._handle.fd];
    const args = ['--input-type=module', '-e', process.argv[2]];
    require('node:child_process').spawnSync(process.execPath, args, { stdio });
    process.exit();
  });`;

const CHILD = `
  import { listen } from '#api/http/listen.ts';
  process.stdin.on('end', () => process.exit()).resume();
  const dialect = async ({ path }) => ({ kind: 'text', status: 200, body: path });
  console.log((await listen({ url: 'fd://3', dialect })).url);`;

describe('listening on an inherited descriptor', () => {
  it('serves whoever connects to it', async (context) => {
    const path = await makeSocketPath(context);
    const child = spawn(process.execPath, ['-e', PARENT, path, CHILD], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    context.after(() => child.stdin.end());
    const [said] = await once(child.stdout, 'data');
    assert.equal(String(said), 'fd://3\n');
    const wire = await opened(connectNet(path));
    await wire.send('GET /here HTTP/1.1\r\n\r\n');
    assert.equal((await wire.reply()).body, '/here');
  });
});

describe('listening with TLS', () => {
  it('lets in only clients with a certificate of the authority, and knows their names', async (context) => {
    const { ca, server, client, stranger } = await makeCertificates();
    const tls = { ...server, ca: ca.cert, verifyClients: true };
    const { port } = new URL(await bound(context, { url: 'tcp://127.0.0.1:0', tls }));
    const dial = (pair: object): ReturnType<typeof connectTls> =>
      connectTls({ host: '127.0.0.1', port: Number(port), ca: ca.cert, ...pair });
    const wire = new WireClient(dial(client), connectNet(Number(port)));
    assert.deepEqual(await ask(wire, 'GET / HTTP/1.1\r\n\r\n'), ['GET', '/', [], 'CN=tester,O=gantry']);
    for (const pair of [{}, stranger]) {
      const refused = dial(pair);
      refused.on('error', () => undefined);
      refused.on('data', (bytes) => assert.fail(`${bytes.length} bytes`));
      refused.write('GET / HTTP/1.1\r\n\r\n');
      await new Promise((resolve) => refused.once('close', resolve));
    }
  });

  it('drops those who do not speak it', async (context) => {
    const { server } = await makeCertificates();
    const { port } = new URL(await bound(context, { url: 'tcp://127.0.0.1:0', tls: server }));
    const wire = await opened(connectNet(Number(port)));
    await wire.send('GET / HTTP/1.1\r\n\r\n');
    assert.doesNotMatch(await wire.rest(), /HTTP/);
  });
});

for (const transport of TRANSPORTS) {
  describe(`a listener (${transport})`, () => {
    it('takes Host as it comes: absent, empty, a path', async (context) => {
      const wire = await (await serve(context, transport, { dialect })).connect();
      for (const host of ['', 'Host:\r\n', 'Host: \r\n', 'Host: /var/run/api.sock\r\n', 'Host: a b\r\n']) {
        assert.deepEqual(await ask(wire, `GET /x HTTP/1.1\r\n${host}\r\n`), ['GET', '/x', [], null]);
      }
    });

    it('takes a head of almost a mebibyte and refuses a larger one', async (context) => {
      const server = await serve(context, transport, { dialect });
      const wire = await server.connect();
      const long = 'x'.repeat(1_000_000);
      assert.deepEqual(await ask(wire, `GET /?q=${long} HTTP/1.1\r\n\r\n`), [
        'GET',
        '/',
        [['q', long]],
        null,
      ]);
      await wire.send(`GET / HTTP/1.1\r\nX-Long: ${long}${long}\r\n\r\n`);
      assert.equal((await wire.reply()).status, 431);
    });

    it('decodes paths, and hands odd ones over as they are', async (context) => {
      const wire = await (await serve(context, transport, { dialect })).connect();
      const paths = {
        '/images/a%2Fb%3A1%40x/json': '/images/a/b:1@x/json',
        '//a/../b/': '//a/../b/',
        '/gr%C3%BCn': '/grün',
        'http://host:1/a?': '/a',
        'http://host': '/',
        '/a+b': '/a+b',
      };
      for (const [sent, path] of Object.entries(paths)) {
        assert.deepEqual(await ask(wire, `GET ${sent} HTTP/1.1\r\n\r\n`), ['GET', path, [], null]);
      }
      assert.deepEqual(await ask(wire, 'OPTIONS * HTTP/1.1\r\n\r\n'), ['OPTIONS', '*', [], null]);
      await wire.send('GET /%zz HTTP/1.1\r\n\r\n');
      const { status, body } = await wire.reply();
      assert.deepEqual([status, body], [400, 'invalid URL escape in "/%zz"\n']);
    });

    it('answers pipelined requests one after the other', async (context) => {
      let running = 0;
      const server = await serve(context, transport, {
        dialect: async (request) => {
          running += 1;
          assert.equal(running, 1);
          await new Promise(setImmediate);
          running -= 1;
          return { kind: 'text', status: 200, body: (await request.text()) + request.path };
        },
      });
      const wire = await server.connect();
      const requests = [1, 2, 3].map((n) => `POST /${n} HTTP/1.1\r\nContent-Length: 1\r\n\r\n${n}`);
      await wire.send(requests.join(''));
      for (const n of [1, 2, 3]) assert.equal((await wire.reply()).body, `${n}/${n}`);
    });

    it('says what it thinks of malformed requests', async (context) => {
      const server = await serve(context, transport, { dialect });
      for (const text of [
        'nonsense\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        'CONNECT a:1 HTTP/1.1\r\n\r\n',
        '\0\0\0\0',
      ]) {
        const wire = await server.connect();
        await wire.send(text);
        const { status, head, body } = await wire.reply();
        assert.equal(status, 400);
        assert.match(head, /^Connection: close\r$/m);
        assert.match(body, /^400 Bad Request: .+\n$/);
        assert.equal(await wire.rest(), '');
      }
    });

    it('closes idle connections at once and lets requests in flight finish', async (context) => {
      const finish = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const server = await serve(context, transport, {
        dialect: async () => {
          asked.resolve();
          await finish.promise;
          return { kind: 'text', status: 200, body: 'done' };
        },
      });
      const idle = await server.connect();
      const busy = await server.connect();
      await busy.send('GET / HTTP/1.1\r\n\r\n');
      await asked.promise;
      const closed = server.listener.close(60_000);
      assert.equal(await idle.rest(), '');
      finish.resolve();
      assert.match(await busy.rest(), /\r\n\r\ndone$/);
      busy.halfClose();
      await closed;
      await assert.rejects(server.connect());
    });

    it('cuts what is not done after the grace', async (context) => {
      const asked = Promise.withResolvers<HttpRequest>();
      const server = await serve(context, transport, {
        dialect: (request) => {
          asked.resolve(request);
          return request.path === '/raw'
            ? Promise.resolve({
                kind: 'hijack',
                contentType: 'x',
                serve: () => once(request.signal, 'abort').then(() => undefined),
              })
            : new Promise(() => undefined);
        },
        mayHijack: (_method, path) => path === '/raw',
      });
      const [raw, plain] = [await server.connect(), await server.connect()];
      await raw.send('GET /raw HTTP/1.1\r\n\r\n');
      await raw.until('\r\n\r\n');
      await plain.send('GET / HTTP/1.1\r\n\r\n');
      const { signal } = await asked.promise;
      await server.listener.close(10);
      assert.equal(signal.aborted, true);
      assert.equal(await plain.rest(), '');
      assert.equal(await raw.rest(), '');
    });
  });
}

async function opened(socket: ReturnType<typeof connectNet>): Promise<WireClient> {
  await once(socket, 'connect');
  return new WireClient(socket, socket);
}
