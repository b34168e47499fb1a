import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { TestDaemon } from '#test/support/daemon.ts';
import { remove, wait } from '#test/support/faults/containers.ts';
import { ask } from '#test/support/versions/ask.ts';
import { openRaw } from '#test/support/versions/chopped.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon?.[Symbol.asyncDispose]());

const ONCE = { OpenStdin: true, StdinOnce: true, AttachStdin: true };
const AGAIN = { OpenStdin: true };

const create = async (cmd: readonly string[], more: object): Promise<string> =>
  (
    await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: cmd, ...more },
    })
  ).Id;

const start = (id: string): Promise<unknown> => daemon.client.json('POST', `/containers/${id}/start`);

const logsOf = async (id: string): Promise<string> =>
  (await ask(daemon.socket, 'GET', `/v1.51/containers/${id}/logs?stdout=1`)).bytes.toString('latin1');

const attach = async (id: string, version = '1.51'): Promise<Socket> => {
  const { socket } = await openRaw(daemon.socket, [
    `POST /v${version}/containers/${id}/attach?stream=1&stdin=1 HTTP/1.1`,
    'Host: docker',
    'Content-Type: text/plain',
  ]);
  return socket;
};

const write = (socket: Socket, bytes: string | Uint8Array): Promise<unknown> =>
  new Promise((resolve) => void socket.write(bytes, resolve));

const close = async (socket: Socket, how: 'half first' | 'at once'): Promise<void> => {
  if (how === 'half first') {
    socket.end();
    await once(socket, 'finish');
  }
  const closed = once(socket, 'close');
  socket.destroy();
  await closed;
  // A question later: what was sent before it was seen before it.
  await daemon.client.json('GET', '/info');
};

describe('input that is sent before the start', () => {
  for (const version of ['1.0', '1.6', '1.12', '1.21', '1.24', '1.40', '1.51'])
    for (const how of ['half first', 'at once'] as const)
      it(`of a client of ${version} that closes ${how} waits for the run, and so does its end`, async () => {
        const id = await create(['cat'], ONCE);
        const socket = await attach(id, version);
        await write(socket, 'hello\n');
        await close(socket, how);
        await start(id);
        assert.equal(await wait(daemon, id), 0);
        assert.match(await logsOf(id), /hello\n$/);
        await remove(daemon, id);
      });

  it('is not ended by a client of a container whose input may come again', async () => {
    const id = await create(['sh', '-c', 'read one; read two; echo $one-$two'], AGAIN);
    for (const word of ['first\n', 'second\n']) {
      const socket = await attach(id);
      await write(socket, word);
      await close(socket, 'at once');
    }
    await start(id);
    assert.equal(await wait(daemon, id), 0);
    assert.match(await logsOf(id), /first-second\n$/);
    await remove(daemon, id);
  });

  it('of a client that stays waits at its end, however much it is, and comes whole', async () => {
    const bytes = Buffer.alloc(4 * 1024 * 1024, 'x');
    const id = await create(['sh', '-c', 'wc -c'], ONCE);
    const socket = await attach(id);
    const written = write(socket, bytes).then(() => socket.end());
    await daemon.client.json('GET', '/info');
    assert.ok(socket.writableLength > 0, 'all of it was taken before there was a run');
    await start(id);
    await written;
    assert.equal(await wait(daemon, id), 0);
    assert.match(await logsOf(id), new RegExp(`${bytes.length}\n$`));
    socket.destroy();
    await remove(daemon, id);
  });

  it('over a websocket waits for the run too', async () => {
    const id = await create(['cat'], ONCE);
    const socket = new WebSocket(
      `ws+unix://${daemon.socket}:/v1.51/containers/${id}/attach/ws?stream=1&stdin=1`,
    );
    await once(socket, 'open');
    socket.send('hello\n');
    socket.close();
    await once(socket, 'close');
    await start(id);
    assert.equal(await wait(daemon, id), 0);
    assert.match(await logsOf(id), /hello\n$/);
    await remove(daemon, id);
  });

  it('is not ended by a question that is refused', async () => {
    const id = await create(['cat'], ONCE);
    const { status } = await ask(daemon.socket, 'GET', `/v1.51/containers/${id}/attach/ws?stream=1&stdin=1`);
    assert.equal(status, 400);
    await start(id);
    assert.equal(
      (await ask(daemon.socket, 'GET', `/v1.51/containers/${id}/attach/ws?stream=1&stdin=1`)).status,
      400,
    );
    const socket = await attach(id);
    await write(socket, 'hello\n');
    await close(socket, 'half first');
    assert.equal(await wait(daemon, id), 0);
    assert.match(await logsOf(id), /hello\n$/);
    await remove(daemon, id);
  });

  it('of a terminal waits for the run', async () => {
    const id = await create(['sh', '-c', 'read line; echo got-$line'], { ...AGAIN, Tty: true });
    const socket = await attach(id);
    await write(socket, 'hello\n');
    await close(socket, 'half first');
    await start(id);
    assert.equal(await wait(daemon, id), 0);
    assert.match(await logsOf(id), /got-hello\r?\n$/);
    await remove(daemon, id);
  });

  it('is not kept without a bound', async () => {
    const id = await create(['sh', '-c', 'wc -c'], ONCE);
    for (let round = 0; round < 40; round += 1) {
      const socket = await attach(id);
      await write(socket, Buffer.alloc(60_000, 'x'));
      await close(socket, 'at once');
    }
    await start(id);
    assert.equal(await wait(daemon, id), 0);
    const count = Number(/(\d+)\n$/.exec(await logsOf(id))?.[1]);
    assert.ok(count > 900_000 && count <= 1024 * 1024, `${count} bytes were kept`);
    assert.match(daemon.log, /too much to be kept/);
    await remove(daemon, id);
  });
});

describe('a client that attaches after the start, with what is stored', () => {
  const query = 'logs=1&stream=1&stdout=1';

  it('before 1.6 is done when the run is over', async () => {
    for (const version of ['1.0', '1.3', '1.5']) {
      const id = await create(['echo', 'short'], {});
      await start(id);
      await wait(daemon, id);
      const { bytes } = await ask(daemon.socket, 'POST', `/v${version}/containers/${id}/attach?${query}`);
      assert.equal(bytes.toString(), 'short\n');
      await remove(daemon, id);
    }
  });

  it('before 1.6 still waits for the first run, and from 1.6 on for the next', async () => {
    for (const [version, hasRun, heard] of [
      ['1.5', false, 'short\n'],
      ['1.6', true, 'short\nshort\n'],
      ['1.51', true, 'short\nshort\n'],
    ] as const) {
      const id = await create(['echo', 'short'], { Tty: true });
      if (hasRun) {
        await start(id);
        await wait(daemon, id);
      }
      const { socket } = await openRaw(daemon.socket, [
        `POST /v${version}/containers/${id}/attach?${query} HTTP/1.1`,
        'Host: docker',
      ]);
      await start(id);
      const said = Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>)).toString();
      assert.equal(said.replaceAll('\r', ''), heard, version);
      await remove(daemon, id);
    }
  });
});
