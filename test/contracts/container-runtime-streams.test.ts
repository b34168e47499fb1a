import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connectSeqpacket } from '#adapters/libc/unix-sockets.ts';
import { openRelayedSocket } from '#adapters/oci-cli/streams/relayed-socket.ts';
import type { OutputChunk } from '#domain/log/record.ts';
import {
  eventually,
  leavePlace,
  makePlace,
  plainLog,
  readOutput,
  readUntil,
  RuntimeWorld,
  variants,
} from '#test/support/runtime/runtime-world.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

for (const { name, options } of variants) {
  describe(`stdio of a container by ${name}`, () => {
    const place = makePlace(options);
    let world: RuntimeWorld;

    before(async () => {
      world = await RuntimeWorld.open(place);
      await world.runtime.recover([]);
    });

    after(async () => {
      await world.close();
      await leavePlace(place);
    });

    it('an attachment before the start sees the first byte, streams apart, and ends with the output', async () => {
      const id = await world.create(['sh', '-c', 'echo first; echo second >&2']);
      const console = await world.runtime.attach(id);
      const reading = readOutput(console.output);
      await world.runtime.start(id);
      assert.deepEqual(await reading, { stdout: 'first\n', stderr: 'second\n' });
      await world.exitOf(id);
      await eventually(() => assert.rejects(world.runtime.attach(id), { kind: 'not-found' }));
      await world.runtime.delete(id);
      await assert.rejects(world.runtime.attach(id), { kind: 'not-found' });
    });

    it('input that nobody reads costs none of the output', async () => {
      const id = await world.create(['sh', '-c', 'echo out; echo err >&2'], {
        openStdin: true,
        stdinOnce: true,
      });
      const console = await world.runtime.attach(id);
      const writing = console.write(Buffer.alloc(200_000, 'never read\n'));
      await world.runtime.start(id);
      assert.deepEqual(await readOutput(console.output), { stdout: 'out\n', stderr: 'err\n' });
      await writing;
      await world.exitOf(id);
      await world.runtime.delete(id);
    });

    const wholeBytes = name === 'crun' ? 200_000_000 : 20_000_000;
    it(`${wholeBytes / 1e6} MB come through unharmed`, async () => {
      const id = await world.create(['sh', '-c', `yes 0123456789abcde | head -c ${wholeBytes}`]);
      const console = await world.runtime.attach(id);
      const hash = createHash('sha256');
      await world.runtime.start(id);
      let received = 0;
      for await (const chunk of console.output) {
        hash.update(chunk.bytes);
        received += chunk.bytes.length;
      }
      const expected = createHash('sha256')
        .update(Buffer.alloc(wholeBytes, '0123456789abcde\n'))
        .digest('hex');
      assert.deepEqual([received, hash.digest('hex')], [wholeBytes, expected]);
      await world.exitOf(id);
      await world.runtime.delete(id);
    });

    it('a slow reader holds the container up but loses nothing: reading on is the reader’s duty', async () => {
      const sizeBytes = 4_000_000;
      const id = await world.create(['sh', '-c', `yes | head -c ${sizeBytes}; echo >&2`]);
      const console = await world.runtime.attach(id);
      await world.runtime.start(id);
      const chunks = console.output[Symbol.asyncIterator]();
      let received = (await chunks.next()).value?.bytes.length ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(world.exitCounts.get(id), undefined);
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
        received += next.value.bytes.length;
      }
      assert.equal(received, sizeBytes + 1);
      await world.exitOf(id);
      await world.runtime.delete(id);
    });

    it('stdin reaches the process, and its end too where stdin is open once', async () => {
      const id = await world.start(['cat'], { openStdin: true, stdinOnce: true });
      const console = await world.runtime.attach(id);
      const reading = readOutput(console.output);
      const big = 'x'.repeat(100_000);
      await console.write(bytes('hello\n'));
      await console.write(bytes(big));
      await console.closeInput();
      assert.equal((await reading).stdout, `hello\n${big}`);
      assert.equal((await world.exitOf(id)).exitCode, 0);
      await world.runtime.delete(id);
    });

    it('binary input of a megabyte comes back as it went in', async () => {
      const input = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7919) >> 3));
      const id = await world.start(['cat'], { openStdin: true, stdinOnce: true });
      const console = await world.runtime.attach(id);
      const collected: Uint8Array[] = [];
      const reading = (async () => {
        for await (const chunk of console.output) collected.push(chunk.bytes);
      })();
      await console.write(input);
      await console.closeInput();
      await reading;
      assert.equal(Buffer.concat(collected).equals(input), true);
      await world.exitOf(id);
      await world.runtime.delete(id);
    });

    it('stdin stays open for the next attachment where it is not open once', async () => {
      const id = await world.start(['cat'], { openStdin: true });
      const first = await world.runtime.attach(id);
      const firstOutput = first.output[Symbol.asyncIterator]();
      await first.write(bytes('one\n'));
      assert.equal(await readUntil(firstOutput, '\n'), 'one\n');
      first.close();
      const second = await world.runtime.attach(id);
      const secondOutput = second.output[Symbol.asyncIterator]();
      await second.write(bytes('two\n'));
      assert.equal(await readUntil(secondOutput, '\n'), 'two\n');
      second.close();
      await world.runtime.delete(id);
    });

    it('without an open stdin the process reads its end at once', async () => {
      const { exitCode } = await world.run('cat; exit 5');
      assert.equal(exitCode, 5);
    });

    it('a terminal has the size it was made with and the one it is given, and both streams are one', async () => {
      const script = 'trap "stty size" WINCH; stty size; echo err >&2; while true; do sleep 0.01; done';
      const consoleSize = { rows: 33, columns: 99 };
      const id = await world.create(['sh', '-c', script], { terminal: true, openStdin: true, consoleSize });
      const console = await world.runtime.attach(id);
      const chunks = console.output[Symbol.asyncIterator]();
      await world.runtime.start(id);
      assert.equal(await readUntil(chunks, 'err\r\n'), '33 99\r\nerr\r\n');
      await world.runtime.resize(id, { rows: 41, columns: 121 });
      assert.match(await readUntil(chunks, '41 121'), /41 121/);
      console.close();
      await world.runtime.delete(id);
      await assert.rejects(world.runtime.resize(id, consoleSize), { kind: 'conflict' });
    });

    it('a terminal takes typed input, ^C too', async () => {
      const id = await world.create(
        ['sh', '-c', 'trap "exit 9" INT; echo ready; while true; do sleep 0.01; done'],
        {
          terminal: true,
          openStdin: true,
        },
      );
      const console = await world.runtime.attach(id);
      const chunks: AsyncIterator<OutputChunk> = console.output[Symbol.asyncIterator]();
      await world.runtime.start(id);
      await readUntil(chunks, 'ready');
      await console.write(bytes('\u0003'));
      assert.equal((await world.exitOf(id)).exitCode, 9);
      console.close();
      await world.runtime.delete(id);
    });

    it('the log goes on in a new file after the old one was renamed, and no line is lost', async () => {
      const id = await world.start(['sh', '-c', 'for i in $(seq 1 3000); do echo $i; done']);
      const path = world.logPath(id);
      await eventually(() => assert.match(world.readLog(id), /\n100\n/));
      renameSync(path, `${path}.1`);
      await world.runtime.reopenLog(id).catch(() => {});
      await world.exitOf(id);
      const log = [`${path}.1`, path]
        .map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''))
        .join('');
      const expected = Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join('');
      assert.equal(plainLog(log), expected);
      await world.runtime.delete(id);
    });
  });
}

describe('the packet socket without Node’s inner handles', () => {
  const place = makePlace();
  let world: RuntimeWorld;

  before(async () => {
    world = await RuntimeWorld.open(place);
    await world.runtime.recover([]);
  });

  after(async () => {
    await world.close();
    await leavePlace(place);
  });

  it('carries input, its end, and output both ways', async () => {
    const id = await world.start(['cat'], { openStdin: true, stdinOnce: true });
    const descriptor = connectSeqpacket(join(place.options.execRoot, 'containers', id, 'attach'));
    const received: Buffer[] = [];
    const ended = Promise.withResolvers<void>();
    const socket = openRelayedSocket(descriptor, {
      // Every packet pauses: each must come nevertheless.
      onPacket: (packet) => {
        received.push(packet.subarray(1));
        setImmediate(() => socket.resume());
        return false;
      },
      onEnd: ended.resolve,
    });
    const input = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index >> 2));
    await socket.write(input);
    await socket.end();
    assert.equal((await world.exitOf(id)).exitCode, 0);
    await ended.promise;
    assert.equal(Buffer.concat(received).equals(input), true);
    await world.runtime.delete(id);
  });

  it('loses no output to input that nobody reads', async () => {
    const id = await world.create(['echo', 'out'], { openStdin: true, stdinOnce: true });
    const descriptor = connectSeqpacket(join(place.options.execRoot, 'containers', id, 'attach'));
    const received: Buffer[] = [];
    const ended = Promise.withResolvers<void>();
    const socket = openRelayedSocket(descriptor, {
      onPacket: (packet) => received.push(packet.subarray(1)) > 0,
      onEnd: ended.resolve,
    });
    const writing = socket.write(Buffer.alloc(200_000, 'never read\n'));
    await world.runtime.start(id);
    await ended.promise;
    await writing;
    assert.equal(Buffer.concat(received).toString(), 'out\n');
    await world.exitOf(id);
    await world.runtime.delete(id);
  });
});
