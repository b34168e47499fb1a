import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { connect } from 'node:net';
import type { TestContext } from 'node:test';

import type { ListenOptions } from '#api/http/listen.ts';
import { serve } from '#test/support/wire.ts';
import type { Transport } from '#test/support/wire.ts';

import { browserRefusal } from './browser-guard.ts';

const refusal = (headers: Record<string, string>, ...allowed: string[]): string | undefined =>
  browserRefusal({ headers }, { allowed });

describe('a request over plain TCP', () => {
  it('of any ordinary client is served', () => {
    for (const host of [
      '',
      'localhost',
      'localhost:2375',
      '127.0.0.1',
      '127.0.0.1:2375',
      '[::1]',
      '[::1]:2375',
      '10.0.0.7:2375',

      'docker',
      'docker:2375',
      'DinD:2375',
      'v1.12',
      'v1.9',
      'host.docker.internal:2375',
      'a.localhost:1',
    ])
      assert.equal(refusal({ host }), undefined, host);
    assert.equal(refusal({}), undefined);
    // Clients of websockets name the server itself.
    assert.equal(refusal({ host: '127.0.0.1:2375', origin: 'http://127.0.0.1:2375' }), undefined);
    assert.equal(refusal({ host: 'localhost', 'sec-fetch-site': 'none' }), undefined);
  });

  it('by a name that leads here from elsewhere is refused', () => {
    for (const host of [
      'evil.example',
      'evil.example:2375',
      'EVIL.example.',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '1.2.3.4.5',
      '[evil.example]:80',
      'v1.evil.example',
      'evil.local',
    ])
      assert.notEqual(refusal({ host }), undefined, host);
  });

  it('of a page from elsewhere is refused', () => {
    for (const origin of ['http://evil.example', 'null', 'http://localhost:3000', 'https://127.0.0.1:2375'])
      assert.notEqual(refusal({ host: '127.0.0.1:2375', origin }), undefined, origin);
    for (const site of ['cross-site', 'same-site', 'anything'])
      assert.notEqual(refusal({ host: 'localhost', 'sec-fetch-site': site }), undefined, site);
  });

  it('is served where somebody allowed it', () => {
    assert.equal(refusal({ host: 'build.example:2375' }, 'build.example'), undefined);
    assert.equal(refusal({ host: '127.0.0.1', origin: 'http://ui.example' }, 'http://ui.example'), undefined);
    const crossed = { host: 'localhost', origin: 'http://ui.example', 'sec-fetch-site': 'cross-site' };
    assert.equal(refusal(crossed, 'http://ui.example'), undefined);
    assert.equal(refusal({ host: 'evil.example', origin: 'null' }, '*'), undefined);
    assert.notEqual(refusal({ host: 'evil.example' }, 'http://ui.example'), undefined);
  });
});

const status = async (
  context: TestContext,
  transport: Transport,
  lines: readonly string[],
  options: Partial<ListenOptions> = {},
): Promise<number> => {
  const server = await serve(context, transport, {
    dialect: async () => ({ kind: 'text', status: 200, body: 'served' }),
    mayHijack: (_method, path) => path === '/raw',
    ...options,
  });
  const wire = await server.connect();
  await wire.send(`${lines.join('\r\n')}\r\n\r\n`);
  return (await wire.reply()).status;
};

describe('a listener', () => {
  const WEBSOCKET = [
    'GET /raw HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Origin: http://evil.example',
  ];
  const REQUESTS = {
    rebound: ['GET / HTTP/1.1', 'Host: evil.example'],
    'of a page': ['POST / HTTP/1.1', 'Host: 127.0.0.1', 'Origin: http://evil.example', 'Content-Length: 0'],
    hijacking: ['POST /raw HTTP/1.1', 'Host: evil.example'],
    websocket: WEBSOCKET,
  };
  for (const [name, lines] of Object.entries(REQUESTS)) {
    it(`refuses it on plain TCP alone (${name})`, async (context) => {
      assert.equal(await status(context, 'tcp', lines), 403);
      assert.equal(await status(context, 'unix', lines), 200);
      assert.equal(await status(context, 'tls', lines), 200);
      assert.equal(await status(context, 'tcp', lines, { browsers: { allowed: ['*'] } }), 200);
    });
  }

  it('refuses nothing of a client that names it by its address', async (context) => {
    const server = await serve(context, 'tcp', { dialect: async () => ({ kind: 'empty', status: 204 }) });
    const { host, hostname, port } = new URL(server.listener.url);
    for (const name of [host, `localhost:${port}`, '']) {
      const socket = connect(Number(port), hostname);
      socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
      assert.match(Buffer.concat(await socket.toArray()).toString(), /^HTTP\/1\.1 204/);
    }
  });
});
