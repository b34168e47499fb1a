import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { WireClient } from '#test/support/wire.ts';

let daemon: TestDaemon;
let running: string;
before(async () => {
  daemon = await TestDaemon.start();
  running = await create(['sleep', '1000']);
  await daemon.client.json('POST', `/containers/${running}/start`);
});
after(async () => daemon?.[Symbol.asyncDispose]());

const create = async (cmd: readonly string[]): Promise<string> =>
  (
    await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: cmd },
    })
  ).Id;

const execOf = async (id: string): Promise<string> =>
  (
    await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
      body: { Cmd: ['true'], AttachStdout: true },
    })
  ).Id;

const open = async (path: string): Promise<WireClient> => {
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, 'connect');
  return new WireClient(socket, socket);
};

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';

const post = (path: string, { body = '', more = '' } = {}): string =>
  `POST ${path} HTTP/1.1\r\nHost: docker\r\n${more}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** Streams that cannot be had: what is asked, and the status that says so. */
const REFUSALS: Readonly<Record<string, () => Promise<readonly [request: string, status: number]>>> = {
  'attach of a container that is not there': async () => [
    post('/v1.51/containers/nobody/attach?stream=1&stdout=1'),
    404,
  ],
  'attach that asks for an upgrade': async () => [
    post('/v1.51/containers/nobody/attach?stream=1&stdout=1', { more: UPGRADE }),
    404,
  ],
  'attach of 1.12': async () => [post('/v1.12/containers/nobody/attach?stream=1&stdout=1'), 404],
  'attach with keys that are none': async () => [
    post(`/v1.51/containers/${running}/attach?stream=1&stdout=1&detachKeys=ctrl-nothing`),
    400,
  ],
  'attach by websocket without one': async () => [
    `GET /v1.51/containers/${running}/attach/ws?stream=1 HTTP/1.1\r\nHost: docker\r\n\r\n`,
    400,
  ],
  'start of an exec that is not there': async () => [
    post('/v1.51/exec/nothing/start', { body: '{"Detach":false,"Tty":false}' }),
    404,
  ],
  'start of an exec that asks for an upgrade': async () => [
    post('/v1.51/exec/nothing/start', { body: '{}', more: UPGRADE }),
    404,
  ],
  'start of an exec in what is no JSON': async () => [
    post(`/v1.51/exec/${await execOf(running)}/start`, { body: '{' }),
    400,
  ],
  'start of an exec that nobody attaches to': async () => [
    post(`/v1.51/exec/${await execOf(running)}/start`, { body: '{"Detach":true}', more: UPGRADE }),
    200,
  ],
  'start of an exec of 1.21 that nobody attaches to': async () => [
    post(`/v1.21/exec/${await execOf(running)}/start`, { body: '{"Detach":true}' }),
    200,
  ],
};

describe('a stream that becomes none leaves the connection to the next request', () => {
  for (const [name, refusal] of Object.entries(REFUSALS))
    it(name, async () => {
      const [request, status] = await refusal();
      const client = await open(daemon.socket);
      for (let round = 0; round < 2; round += 1) {
        await client.send(request);
        const reply = await client.reply();
        // A command is run once.
        assert.ok(reply.status === status || (round > 0 && reply.status >= 409), `${reply.status}`);
        assert.doesNotMatch(reply.head, /^Connection: close/im);
        await client.send('GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n');
        assert.equal((await client.reply()).body, 'OK');
      }
      client.socket.destroy();
    });

  it('and a stream may follow a refusal on one connection', async () => {
    const client = await open(daemon.socket);
    await client.send(post('/v1.51/containers/nobody/attach?stream=1&stdout=1', { more: UPGRADE }));
    assert.equal((await client.reply()).status, 404);
    const exec = await execOf(running);
    await client.send(post(`/v1.51/exec/${exec}/start`, { body: '{}', more: UPGRADE }));
    assert.match(await client.rest(), /^HTTP\/1.1 101 /);
  });
});
