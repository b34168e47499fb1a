import assert from 'node:assert/strict';
import { createHash, hash } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { readFrames } from '#formats/stdcopy/read-frames.ts';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { openChance, type Chance } from '#test/support/faults/chance.ts';
import { openRaw, readChopped, writeChopped } from '#test/support/versions/chopped.ts';

const ROUNDS = 8;

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon?.[Symbol.asyncDispose]());

const create = async (cmd: readonly string[], more: object = {}): Promise<string> => {
  const body = { Image: 'busybox', Cmd: cmd, ...more };
  return (await daemon.client.json<{ Id: string }>('POST', '/containers/create', { body })).Id;
};

const INPUT = { OpenStdin: true, StdinOnce: true, AttachStdin: true };

const start = (id: string): Promise<unknown> => daemon.client.json('POST', `/containers/${id}/start`);

const attach = async (id: string, query: string): Promise<Socket> => {
  const { head, socket } = await openRaw(daemon.socket, [
    `POST /v1.51/containers/${id}/attach?${query} HTTP/1.1`,
    'Host: docker',
    'Connection: Upgrade',
    'Upgrade: tcp',
  ]);
  assert.match(head, /^HTTP\/1.1 101 /);
  return socket;
};

/** Reads to the end in odd pieces; what came, per stream, as a hash and a size. */
const digest = async (source: AsyncIterable<Uint8Array>) => {
  const found = { stdout: createHash('sha256'), stderr: createHash('sha256') };
  const sizes = { stdout: 0, stderr: 0 };
  for await (const { stream, bytes } of readFrames(source)) {
    assert.ok(stream === 'stdout' || stream === 'stderr', stream);
    found[stream].update(bytes);
    sizes[stream] += bytes.length;
  }
  return { stdout: found.stdout.digest('hex'), stderr: found.stderr.digest('hex'), sizes };
};

const collect = async (source: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(source)).toString('latin1');

const lines = (count: number): string =>
  Array.from({ length: count }, (_unused, index) => `${index + 1}\n`).join('');

const letters = (chance: Chance, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => 97 + chance.below(26)));

test('two streams, readers of any pace: each gets each stream whole', async (context) => {
  const chance = openChance(context);
  for (let round = 0; round < ROUNDS; round += 1) {
    const [out, err] = [1 + chance.below(60_000), 1 + chance.below(60_000)];
    const id = await create(['sh', '-c', `seq ${out} & seq ${err} >&2; wait`]);
    const sockets = await Promise.all([1, 2].map(() => attach(id, 'stream=1&stdout=1&stderr=1')));
    const read = sockets.map((socket) => digest(readChopped(socket, chance)));
    await start(id);
    for (const { stdout, stderr } of await Promise.all(read))
      assert.deepEqual([stdout, stderr], [hash('sha256', lines(out)), hash('sha256', lines(err))]);
  }
});

test('input in odd pieces, half-closed at the end: all of it arrives, then its end', async (context) => {
  const chance = openChance(context);
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = letters(chance, 1 + chance.below(300_000));
    const id = await create(['sh', '-c', 'sha256sum; echo after'], INPUT);
    const socket = await attach(id, 'stream=1&stdin=1&stdout=1&stderr=1');
    const isEarly = chance.below(2) === 0;
    if (!isEarly) await start(id);
    const most = 1 + chance.below(20_000);
    const written = writeChopped(socket, bytes, { chance, most }).then(() => socket.end());
    if (isEarly) await start(id);
    const { stdout } = await digest(readChopped(socket, chance));
    await written;
    assert.equal(stdout, hash('sha256', `${hash('sha256', bytes)}  -\nafter\n`));
  }
});

test('a terminal passes bytes as they are, however they were cut', async (context) => {
  const chance = openChance(context);
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = letters(chance, 1 + chance.below(30_000));
    const script = `stty raw -echo; echo ready; head -c ${bytes.length}`;
    const id = await create(['sh', '-c', script], { ...INPUT, Tty: true });
    const socket = await attach(id, 'stream=1&stdin=1&stdout=1');
    await start(id);
    let heard = '';
    let writing: Promise<void> | undefined;
    for await (const part of readChopped(socket, chance)) {
      heard += part.toString('latin1');
      // Before the terminal is raw it would echo.
      if (writing === undefined && heard.includes('ready'))
        writing = writeChopped(socket, bytes, { chance, most: 2000 });
    }
    await writing;
    assert.equal(heard.replace(/^ready\r?\n/, ''), bytes.toString('latin1'));
  }
});

test('detach keys, cut anywhere: what was before them arrives, the connection ends, nothing else does', async (context) => {
  const chance = openChance(context);
  const id = await create(['sh', '-c', 'stty raw -echo; echo ready; cat'], {
    ...INPUT,
    Tty: true,
    StdinOnce: false,
  });
  await start(id);
  await until(async () => (await logsOf(id)).includes('ready'), 'a raw terminal');
  const keys = Buffer.from([16, 24, 17]);
  for (let round = 0; round < ROUNDS; round += 1) {
    // Half of the keys and something else is no detaching.
    const words = Buffer.concat([
      letters(chance, 1 + chance.below(500)),
      keys.subarray(0, 2),
      letters(chance, 9),
    ]);
    const socket = await attach(id, 'stream=1&stdin=1&stdout=1&detachKeys=ctrl-p,ctrl-x,ctrl-q');
    const heard = collect(readChopped(socket, chance));
    await writeChopped(socket, words, { chance, most: 40 });
    await until(async () => (await logsOf(id)).includes(words.toString('latin1')), 'the words back');
    await writeChopped(socket, keys, { chance, most: 2 });
    assert.equal(await heard, words.toString('latin1'));
    socket.destroy();
  }
  const { State } = await daemon.client.json<{ State: { Running: boolean } }>(
    'GET',
    `/containers/${id}/json`,
  );
  assert.equal(State.Running, true);
});

/** Of a terminal: no frames. */
const logsOf = async (id: string): Promise<string> => {
  const { socket } = await openRaw(daemon.socket, [
    `GET /v1.51/containers/${id}/logs?stdout=1 HTTP/1.0`,
    'Host: docker',
  ]);
  return collect(socket);
};

test('a websocket with frames and bytes cut anywhere carries input and output whole', async (context) => {
  const chance = openChance(context);
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = letters(chance, 1 + chance.below(20_000));
    const script = `stty raw -echo; echo ready; head -c ${bytes.length}`;
    const id = await create(['sh', '-c', script], { ...INPUT, Tty: true });
    const { head, socket } = await openRaw(daemon.socket, [
      `GET /v1.51/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1 HTTP/1.1`,
      'Host: docker',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ]);
    assert.match(head, /^HTTP\/1.1 101 /);
    await start(id);
    await until(async () => (await logsOf(id)).includes('ready'), 'a raw terminal');
    const most = 1 + chance.below(1000);
    const heard = collect(unwrapWeb(readChopped(socket, chance)));
    await writeChopped(socket, wrapWeb(bytes, chance), { chance, most });
    assert.equal((await heard).replace(/^ready\r?\n/, ''), bytes.toString('latin1'));
    socket.destroy();
  }
});

/** Masked binary frames of odd sizes, as clients send them. */
const wrapWeb = (bytes: Buffer, chance: Chance): Buffer => {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = Math.min(1 + chance.below(3000), bytes.length - at);
    const mask = Buffer.from([1, 2, 3, 4].map(() => chance.below(256)));
    const length = size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 0xff];
    const part = bytes.subarray(at, at + size).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    frames.push(Buffer.from([0x82, ...length]), mask, Buffer.from(part));
    at += size;
  }
  return Buffer.concat(frames);
};

/** Payloads of a server's frames, up to its close. */
const unwrapWeb = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  for await (const part of source) {
    held = Buffer.concat([held, part]);
    for (;;) {
      const short = (held[1] ?? 0) & 0x7f;
      const from = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (held.length < from) break;
      const size =
        short === 126 ? held.readUInt16BE(2) : short === 127 ? Number(held.readBigUInt64BE(2)) : short;
      if (held.length < from + size) break;
      if (((held[0] ?? 0) & 0x0f) === 8) return;
      yield held.subarray(from, from + size);
      held = held.subarray(from + size);
    }
  }
};

test('200 MB through attach and again out of the log: the same bytes', async () => {
  const line = `${'0123456789abcdefghijklmnopqrstuvwxyz'.repeat(100)}\n`;
  const total = 200_000_000;
  const id = await create(['sh', '-c', `yes ${line.trim()} | head -c ${total}`]);
  const socket = await attach(id, 'stream=1&stdout=1&stderr=1');
  const live = digest(socket);
  await start(id);
  const expected = createHash('sha256');
  const block = Buffer.from(line.repeat(300));
  for (let at = 0; at < total; at += block.length) expected.update(block.subarray(0, total - at));
  const sha = expected.digest('hex');
  const heard = await live;
  assert.deepEqual([heard.sizes.stdout, heard.stdout], [total, sha]);
  // HTTP/1.0: no chunks to take apart.
  const logs = await openRaw(daemon.socket, [
    `GET /v1.51/containers/${id}/logs?stdout=1&stderr=1 HTTP/1.0`,
    'Host: d',
  ]);
  const stored = await digest(logs.socket);
  assert.deepEqual([stored.sizes.stdout, stored.stdout], [total, sha]);
});

test('nothing comes in one piece with the head, however late a client reads it', async () => {
  const id = await create(['sleep', '1000']);
  await start(id);
  const body = { AttachStdout: true, Cmd: ['echo', 'first'] };
  const exec = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, { body });
  const socket = connect(daemon.socket).pause();
  socket.write(
    [
      `POST /v1.41/exec/${exec.Id}/start HTTP/1.1`,
      'Host: docker',
      'Content-Type: application/json',
      'Content-Length: 2',
      'Connection: Upgrade',
      'Upgrade: tcp',
      '',
      '{}',
    ].join('\r\n'),
  );
  const ended = async (): Promise<boolean> => {
    const { Running, ExitCode } = await daemon.client.json<{ Running: boolean; ExitCode: number | null }>(
      'GET',
      `/exec/${exec.Id}/json`,
    );
    return !Running && ExitCode === 0;
  };
  await until(ended, 'the end of the command');
  const [head, ...rest] = await Array.fromAsync(socket, String);
  assert.match(head ?? '', /^HTTP\/1\.1 101 [^]*\r\n\r\n$/u);
  assert.match(rest.join(''), /first\n$/u);
  await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
});
