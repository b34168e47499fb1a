import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  createPod,
  exitCode,
  idle,
  killPod,
  removePod,
  runPod,
  shell,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { finish, take } from '#test/support/hyper/taken.ts';
import { tell } from '#test/support/hyper/transcript.ts';
import { connectWire } from '#test/support/versions/ask.ts';
import type { WireClient } from '#test/support/wire.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const FOLLOW = 'stdout=yes&stderr=yes&follow=yes';

/** A follower on a connection of its own, behind the head of its answer. */
const follow = async (query: string): Promise<WireClient> => {
  const wire = await connectWire(daemon.hyperSocket);
  const request = `GET /container/logs?${query} HTTP/1.1\r\nHost: hyper\r\nConnection: close\r\n\r\n`;
  await wire.send(request);
  const head = await wire.until('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/u);
  assert.match(head, /^Content-Type: text\/plain; charset=utf-8\r$/mu);
  assert.match(head, /^Transfer-Encoding: chunked\r$/mu);
  return wire;
};

describe('a follower of a log', () => {
  const echo = (name: string, more: object = {}): object =>
    shell(name, 'echo up; while read line; do echo "got $line"; done; exit 2', more);

  /** A container that says what it is told, and the connection that tells it. */
  const raise = async (name: string, more: object = {}): Promise<WireClient> => {
    await createPod(daemon, { id: name, containers: [echo(`${name}-c`, more)] });
    const input = await take(daemon, `/attach?container=${name}-c`);
    await startPod(daemon, name);
    await input.until('up');
    return input;
  };

  it('hears what was said, all that is said later, and the end', async () => {
    const input = await raise('heard');
    const wires = await Promise.all([
      follow(`container=heard-c&${FOLLOW}`),
      follow(`container=heard-c&${FOLLOW}&timestamps=yes`),
      follow(`container=heard-c&${FOLLOW}`),
    ]);
    for (const wire of wires) await wire.until('up\n');
    await input.send('a\n');
    for (const wire of wires) await wire.until('got a\n');
    await input.send('b\n');
    for (const wire of wires) await wire.until('got b\n');
    await finish(input);
    for (const wire of wires) {
      assert.equal(await wire.rest(), '\r\n0\r\n\r\n');
      wire.halfClose();
    }
    assert.equal(await exitCode(daemon, 'heard-c'), 2);
    await removePod(daemon, 'heard');
  });

  it('hears nothing old with a tail of 0, and only its stream', async () => {
    const input = await raise('tail');
    const wire = await follow('container=tail-c&stdout=yes&follow=yes&tail=0');
    const deaf = await follow('container=tail-c&stderr=yes&follow=yes');
    const one = await follow('container=tail-c&stdout=yes&follow=yes&tail=1');
    await one.until('up\n');
    await input.send('new\n');
    assert.equal(await wire.until('got new\n'), '10\r\n\x01\0\0\0\0\0\0\x08got new\n');
    await one.until('got new\n');
    await finish(input);
    assert.equal(await wire.rest(), '\r\n0\r\n\r\n');
    assert.equal(await deaf.rest(), '0\r\n\r\n');
    for (const each of [wire, deaf, one]) each.halfClose();
    await removePod(daemon, 'tail');
  });

  it('hears a terminal as it is', async () => {
    const input = await raise('tty', { tty: true });
    const wire = await follow(`container=tty-c&${FOLLOW}`);
    await wire.until('up\r\n');
    await input.send('x\n');
    await wire.until('got x\r\n');
    await killPod(daemon, 'tty');
    assert.match(await wire.rest(), /0\r\n\r\n$/u);
    wire.halfClose();
    await finish(input);
    await removePod(daemon, 'tty');
  });

  it('may hang up, at once or later: the others hear on, the daemon too', async () => {
    const input = await raise('leave');
    const stays = await follow(`container=leave-c&${FOLLOW}`);
    for (let turn = 0; turn < 5; turn += 1) (await follow(`container=leave-c&${FOLLOW}`)).vanish();
    const late = await follow(`container=leave-c&${FOLLOW}`);
    await late.until('up\n');
    late.vanish();
    await input.send('still\n');
    await stays.until('got still\n');
    await finish(input);
    assert.equal(await stays.rest(), '\r\n0\r\n\r\n');
    stays.halfClose();
    await removePod(daemon, 'leave');
  });

  it('is let go when the container or its pod is stopped, killed or removed', async () => {
    for (const request of [
      'POST /container/stop?container=end-c',
      'POST /container/kill?container=end-c&signal=9',
      'POST /pod/stop?podId=end',
      'POST /pod/kill?podName=end&signal=9',
      'POST /container/remove?container=end-c',
    ]) {
      await runPod(daemon, { id: 'end', containers: [idle('end-c', { StopSignal: 'KILL' })] });
      const wire = await follow(`container=end-c&${FOLLOW}`);
      assert.match(await tell(daemon, request), /^HTTP\/1\.1 20/u);
      assert.equal(await wire.rest(), '0\r\n\r\n', request);
      wire.halfClose();
      await removePod(daemon, 'end');
    }
  });
});
