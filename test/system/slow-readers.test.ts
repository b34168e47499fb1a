import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { WebSocket, createWebSocketStream } from 'ws';
import { readFrames } from '#formats/stdcopy/read-frames.ts';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, remove } from '#test/support/faults/containers.ts';
import { openPatience } from '#test/support/patience.ts';

/** More than all buffers on the way hold together. */
const LAST = 2_000_000;
const UNLOGGED = { LogConfig: { Type: 'none' } };

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon?.[Symbol.asyncDispose]());

const start = (id: string): Promise<unknown> => daemon.client.json('POST', `/containers/${id}/start`);

const attach = async (id: string): Promise<Duplex> =>
  (await daemon.client.hijack(`/containers/${id}/attach`, { query: { stream: 1, stdout: 1, stderr: 1 } }))
    .stream;

/** The process can no longer write: it waits, or has ended. */
const untilStuck = async (id: string): Promise<void> => {
  const patience = openPatience();
  for (let [seen, same] = ['', 0]; same < 10; await pause(30)) {
    if (patience.isOver()) throw new Error('it goes on writing');
    const now = await progressOf(id);
    same = now === seen ? same + 1 : 0;
    seen = now;
  }
};

const progressOf = async (id: string): Promise<string> => {
  const { State } = await inspect(daemon, id).catch(() => ({ State: { Pid: 0 } }));
  try {
    return /wchar: \d+/.exec(readFileSync(`/proc/${State.Pid}/io`, 'utf8'))?.[0] ?? 'gone';
  } catch {
    return 'gone';
  }
};

/** The last number, where all those before it came too. */
const lastOf = async (source: AsyncIterable<Uint8Array>): Promise<number> => {
  let [expected, rest] = [0, ''];
  for await (const bytes of source) {
    const lines = (rest + Buffer.from(bytes).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      expected += 1;
      if (Number(line) !== expected)
        throw new Error(`${JSON.stringify(line)} came where ${expected} was due`);
    }
  }
  return expected;
};

const unframed = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of readFrames(source)) yield bytes;
};

const seq = `seq 1 ${LAST}`;

describe('a slow reader of output that is kept nowhere', () => {
  it('gets all of it, also from a container that is removed at its end', async () => {
    const id = await create(daemon, seq, { HostConfig: { ...UNLOGGED, AutoRemove: true } });
    const stream = await attach(id);
    await start(id);
    await untilStuck(id);
    assert.equal(await lastOf(unframed(stream)), LAST);
  });

  it('gets all of it from a terminal', async () => {
    const id = await create(daemon, `stty -onlcr; ${seq}`, { Tty: true, HostConfig: UNLOGGED });
    const stream = await attach(id);
    await start(id);
    await untilStuck(id);
    assert.equal(await lastOf(stream), LAST);
    await remove(daemon, id);
  });

  it('gets all of it over a websocket', async () => {
    const id = await create(daemon, seq, { HostConfig: UNLOGGED });
    const socket = new WebSocket(
      `ws+unix://${daemon.socket}:/v1.51/containers/${id}/attach/ws?stream=1&stdout=1`,
    );
    await once(socket, 'open');
    const stream = createWebSocketStream(socket);
    await start(id);
    await untilStuck(id);
    assert.equal(await lastOf(stream), LAST);
    await remove(daemon, id);
  });

  it('frees the container when it hangs up, and the others get the rest', async () => {
    const id = await create(daemon, seq, { HostConfig: UNLOGGED });
    const [slow, fast] = await Promise.all([attach(id), attach(id)]);
    const read = lastOf(unframed(fast));
    await start(id);
    await untilStuck(id);
    slow.destroy();
    assert.equal(await read, LAST);
    await remove(daemon, id);
  });

  it('holds up neither kill nor wait nor stop, and gets what there was, without a hole', async () => {
    for (const end of ['kill', 'stop?t=1']) {
      const id = await create(daemon, 'seq 1 100000000', { HostConfig: UNLOGGED });
      const stream = await attach(id);
      await start(id);
      await untilStuck(id);
      const wait = daemon.client.json('POST', `/containers/${id}/wait`);
      await daemon.client.json('POST', `/containers/${id}/${end}`);
      await wait;
      assert.ok((await lastOf(unframed(stream))) > 0);
      await remove(daemon, id);
    }
  });

  it('may leave by the keys of a terminal without having read anything', async () => {
    const body = { Tty: true, OpenStdin: true, HostConfig: UNLOGGED };
    const id = await create(daemon, 'seq 1 100000; exit 9', body);
    const query = { stream: 1, stdin: 1, stdout: 1 };
    const { stream } = await daemon.client.hijack(`/containers/${id}/attach`, { query });
    await start(id);
    await untilStuck(id);
    stream.write(Uint8Array.of(16, 17));
    const { StatusCode } = await daemon.client.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`);
    assert.equal(StatusCode, 9);
    stream.destroy();
    await remove(daemon, id);
  });
});

describe('a slow reader of a command’s output', () => {
  const exec = async (id: string, command: string): Promise<Duplex> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
      body: { Cmd: ['sh', '-c', command], AttachStdout: true },
    });
    return (await daemon.client.hijack(`/exec/${Id}/start`, { body: {} })).stream;
  };

  it('gets all of it, and holds up neither the end of the container nor its removal', async () => {
    const id = await create(daemon, 'sleep 1000', { HostConfig: UNLOGGED });
    await start(id);
    const whole = await exec(id, `${seq}; echo done >/proc/1/fd/2`);
    const endless = await exec(id, 'yes 1');
    // Both have filled what is between them and their readers.
    await until(() => whole.readableLength > 0 && endless.readableLength > 0, 'their first words');
    assert.equal(await lastOf(unframed(whole)), LAST);
    await daemon.client.json('POST', `/containers/${id}/kill`);
    await daemon.client.json('DELETE', `/containers/${id}`);
    endless.destroy();
  });
});

describe('a slow reader of a pod’s output that is kept nowhere', () => {
  it('gets all of it, and may hang up', async () => {
    for (const hangsUp of [false, true]) {
      const { ID } = await daemon.pods.json<{ ID: string }>('POST', '/pod/create', {
        body: {
          id: `slow-${hangsUp}`,
          containers: [{ name: `slow-${hangsUp}`, image: 'busybox', command: ['sh', '-c', seq] }],
          log: { type: 'none' },
        },
      });
      const member = `slow-${hangsUp}`;
      const { stream } = await daemon.pods.hijack('/attach', { query: { container: member } });
      await daemon.pods.json('POST', '/pod/start', { query: { podId: ID } });
      await untilStuck(member);
      if (hangsUp) stream.destroy();
      else assert.equal(await lastOf(unframed(stream)), LAST);
      await daemon.client.json('POST', `/containers/${member}/wait`);
      await daemon.pods.json('DELETE', '/pod', { query: { podId: ID } });
    }
  });
});

describe('a slow reader of output that a log keeps', () => {
  it('gets all of it from a container that is removed at its end', async () => {
    const id = await create(daemon, seq, { HostConfig: { AutoRemove: true } });
    const stream = await attach(id);
    await start(id);
    await until(async () => (await inspect(daemon, id).catch(() => undefined)) === undefined, 'its removal');
    assert.equal(await lastOf(unframed(stream)), LAST);
  });

  it('is told where that log has thrown a part away, and sees no hole', async () => {
    const LogConfig = { Type: 'json-file', Config: { 'max-size': '64k', 'max-file': '2' } };
    const id = await create(daemon, seq, { HostConfig: { LogConfig } });
    const stream = await attach(id);
    await start(id);
    await daemon.client.json('POST', `/containers/${id}/wait`);
    const all = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>));
    const at = all.indexOf('Error attaching: output was lost');
    assert.ok(at >= 0, `${all.length} bytes without a word`);
    const pieces = unframed([all.subarray(0, at)] as unknown as AsyncIterable<Uint8Array>);
    assert.ok((await lastOf(pieces)) < LAST);
    await remove(daemon, id);
  });
});
