import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { WebSocket, createWebSocketStream } from 'ws';
import { TestDaemon } from '#test/support/daemon.ts';
import { bytesOf, countBytes, pour } from '#test/support/faults/big-streams.ts';
import { create, remove } from '#test/support/faults/containers.ts';
import { assertFlat } from '#test/support/faults/growth.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon?.[Symbol.asyncDispose]());

const UNLOGGED = { HostConfig: { LogConfig: { Type: 'none' } } };
const INPUT = { OpenStdin: true, StdinOnce: true, AttachStdin: true };

/** A shell line that writes so many bytes. */
const writes = (bytes: number): string => `dd if=/dev/zero bs=64k count=${bytes / 65_536} 2>/dev/null`;

/** One that reads so many, whether its input has an end or not, and counts them. */
const reads = (bytes: number): string =>
  `dd bs=64k count=${bytes / 65_536} iflag=fullblock of=/dev/null 2>&1`;

/** The same in lines that logs keep whole, a block of them again and again. */
const writesText = (bytes: number): string =>
  `yes "$(head -c 4095 /dev/zero | tr '\\0' x)" | head -c 1048576 > /lines; for i in $(seq ${bytes / 1_048_576}); do cat /lines; done`;

const start = (id: string): Promise<unknown> => daemon.client.json('POST', `/containers/${id}/start`);

const attach = async (id: string, query: Record<string, number>): Promise<Duplex> =>
  (await daemon.client.hijack(`/containers/${id}/attach`, { query: { stream: 1, ...query } })).stream;

const openSocket = async (id: string): Promise<Duplex> => {
  const socket = new WebSocket(
    `ws+unix://${daemon.socket}:/v1.51/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1`,
  );
  await once(socket, 'open');
  return createWebSocketStream(socket);
};

const assertCame = async (source: AsyncIterable<Uint8Array>, bytes: number): Promise<void> => {
  const total = await countBytes(source);
  assert.ok(total >= bytes, `${total} of ${bytes} bytes came`);
};

/** Sends so many bytes and has them counted at the other end; a websocket cannot say that this was all. */
const assertArrives = async (stream: Duplex, bytes: number, hasEnd = true): Promise<void> => {
  const answer = Array.fromAsync(stream as AsyncIterable<Buffer>);
  await pour(bytesOf(bytes), stream);
  if (hasEnd) stream.end();
  assert.match(
    Buffer.concat(await answer).toString('latin1'),
    new RegExp(`${bytes / 65_536}\\+0 records in`),
  );
};

const inContainer = async (
  command: string,
  body: object,
  work: (id: string) => Promise<unknown>,
): Promise<void> => {
  const id = await create(daemon, command, body);
  await work(id);
  await remove(daemon, id);
};

const execIn = async (command: string, more: object): Promise<{ id: string; stream: Duplex }> => {
  const id = await create(daemon, 'sleep 1000');
  await start(id);
  const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
    body: { Cmd: ['sh', '-c', command], AttachStdout: true, ...more },
  });
  return { id, stream: (await daemon.client.hijack(`/exec/${Id}/start`, { body: {} })).stream };
};

const kinds: Readonly<Record<string, (bytes: number) => Promise<unknown>>> = {
  'an exec’s output': async (bytes) => {
    const { id, stream } = await execIn(writes(bytes), {});
    await assertCame(stream, bytes);
    await remove(daemon, id);
  },
  'an exec’s input': async (bytes) => {
    const { id, stream } = await execIn(reads(bytes), { AttachStdin: true });
    await assertArrives(stream, bytes);
    await remove(daemon, id);
  },
  'attached output without a log': (bytes) =>
    inContainer(writes(bytes), UNLOGGED, async (id) => {
      const stream = await attach(id, { stdout: 1 });
      await Promise.all([assertCame(stream, bytes), start(id)]);
    }),
  'attached input': (bytes) =>
    inContainer(reads(bytes), { ...UNLOGGED, ...INPUT }, async (id) => {
      const stream = await attach(id, { stdin: 1, stdout: 1 });
      await start(id);
      await assertArrives(stream, bytes);
    }),
  'a websocket’s output': (bytes) =>
    inContainer(writes(bytes), UNLOGGED, async (id) => {
      const stream = await openSocket(id);
      await Promise.all([assertCame(stream, bytes), start(id)]);
    }),
  'a websocket’s input': (bytes) =>
    inContainer(reads(bytes), { ...UNLOGGED, ...INPUT }, async (id) => {
      const stream = await openSocket(id);
      await start(id);
      await assertArrives(stream, bytes, false);
    }),
  'attached output with a log, that log followed, and read again': (bytes) =>
    inContainer(writesText(bytes), {}, async (id) => {
      const stream = await attach(id, { stdout: 1 });
      await start(id);
      const query = { stdout: 1, follow: 1 };
      const followed = await daemon.client.open('GET', `/containers/${id}/logs`, { query });
      await Promise.all([assertCame(stream, bytes), assertCame(followed, bytes)]);
      const logs = await daemon.client.open('GET', `/containers/${id}/logs`, { query: { stdout: 1 } });
      await assertCame(logs, bytes);
      await assertCame(await attach(id, { stream: 0, logs: 1, stdout: 1 }), bytes);
    }),
};

describe('memory stays flat over a gigabyte', () => {
  for (const [kind, carry] of Object.entries(kinds))
    it(`of ${kind}`, async (context) => assertFlat(context, daemon.pid, carry));
});
