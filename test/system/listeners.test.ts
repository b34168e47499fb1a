import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificates } from '#test/support/certificates.ts';
import type { Certificates } from '#test/support/certificates.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { freePort } from '#test/support/registry.ts';

/** Status, headers and body of one request; `body` is sent as JSON. */
const ask = async ({
  secure = false,
  body,
  ...options
}: RequestOptions & { secure?: boolean; body?: object }): Promise<{
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = {
    ...options.headers,
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
  const request = (secure ? httpsRequest : httpRequest)({ agent: false, ...options, headers }, resolve);
  request.on('error', reject);
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const answer = await promise;
  let text = '';
  for await (const part of answer) text += String(part);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
};

describe('the ways in', () => {
  let daemon: TestDaemon;
  let certificates: Certificates;
  let folder = '';
  let port = 0;

  before(async () => {
    certificates = await makeCertificates();
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-tls-'));
    port = await freePort();
    const files = {
      'ca.pem': certificates.ca.cert,
      'cert.pem': certificates.server.cert,
      'key.pem': certificates.server.key,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    daemon = await TestDaemon.start({
      args: [
        '--host',
        `tcp://127.0.0.1:${port}`,
        '--tlsverify',
        ...['ca', 'cert', 'key'].flatMap((name) => [
          `--tls${name === 'ca' ? 'cacert' : name}`,
          `${folder}/${name}.pem`,
        ]),
        '--api-cors-header',
        'http://elsewhere.example',
      ],
    });
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test('HEAD and GET of _ping tell versions and kind in their headers', async () => {
    for (const method of ['HEAD', 'GET']) {
      const { status, headers, text } = await ask({ socketPath: daemon.socket, method, path: '/_ping' });
      assert.equal(status, 200);
      assert.equal(text, method === 'HEAD' ? '' : 'OK');
      assert.equal(headers['api-version'], '1.51');
      assert.equal(headers['ostype'], 'linux');
      assert.match(headers['cache-control'] ?? '', /no-cache/u);
      assert.ok(headers['server']);
    }
  });

  test('every answer carries the origin asked for, and OPTIONS is answered', async () => {
    for (const [method, where] of [
      ['GET', '/info'],
      ['GET', '/v1.12/containers/nobody/json'],
      ['OPTIONS', '/v1.21/info'],
    ]) {
      const { headers } = await ask({ socketPath: daemon.socket, method, path: where });
      assert.equal(headers['access-control-allow-origin'], 'http://elsewhere.example', `${method} ${where}`);
    }
  });

  test('TLS asks for a certificate of the authority', async () => {
    const base = { secure: true, host: '127.0.0.1', port, path: '/version', ca: certificates.ca.cert };
    const { client, stranger } = certificates;
    const known = await ask({ ...base, cert: client.cert, key: client.key });
    assert.equal(known.status, 200);
    await assert.rejects(ask(base));
    await assert.rejects(ask({ ...base, cert: stranger.cert, key: stranger.key }));
    await assert.rejects(ask({ ...base, secure: false }));
  });

  test('versions: bare is the newest, too new and nonsense are refused', async () => {
    const at = (where: string) => ask({ socketPath: daemon.socket, path: where });
    assert.equal((await at('/version')).status, 200);
    assert.equal((await at('/v1.0/version')).status, 200);
    assert.equal((await at('/v1.51/version')).status, 200);
    assert.equal((await at('/v1.99/version')).status, 400);
    assert.equal((await at('/no/such/page')).status, 404);
  });

  test('wait sends its head before the end from 1.30 on, and each condition comes', async () => {
    const { client } = daemon;
    const { Id } = await client.json<{ Id: string }>('POST', '/containers/create', {
      body: {
        Image: 'busybox',
        Cmd: ['sh', '-c', 'read x; exit 6'],
        OpenStdin: true,
        HostConfig: { AutoRemove: true },
      },
    });
    const next = await client.open('POST', `/containers/${Id}/wait`, { query: { condition: 'next-exit' } });
    const removed = await client.open('POST', `/containers/${Id}/wait`, { query: { condition: 'removed' } });
    await client.json('POST', `/containers/${Id}/start`);
    const running = await client.open('POST', `/containers/${Id}/wait`);
    const { stream } = await client.hijack(`/containers/${Id}/attach`, { query: { stream: 1, stdin: 1 } });
    stream.end('end\n');
    for (const answer of [next, running, removed]) {
      let text = '';
      for await (const part of answer) text += String(part);
      assert.equal((JSON.parse(text) as { StatusCode: number }).StatusCode, 6);
    }
    await assert.rejects(client.json('GET', `/containers/${Id}/json`), { status: 404 });
  });
});

test('TCP without TLS is for loopback, or for those who insist', async () => {
  const port = await freePort();
  await using daemon = await TestDaemon.start({
    busybox: false,
    args: ['--host', `tcp://127.0.0.1:${port}`],
  });
  assert.ok(daemon.pid);
  assert.equal((await ask({ host: '127.0.0.1', port, path: '/_ping' })).text, 'OK');
});
