import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  createPod,
  exitCode,
  idle,
  listed,
  removePod,
  runPod,
  shell,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { finish, framesOf, readFrames, take } from '#test/support/hyper/taken.ts';
import { DIALECTS, json, tell } from '#test/support/hyper/transcript.ts';
import type { WireClient } from '#test/support/wire.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const attach = (name: string, more: object = {}): Promise<WireClient> =>
  take(daemon, `/attach?container=${name}`, more);

/** Both streams, in an order that no pipe can change. */
const TALK = 'echo out; read line; echo "err $line" >&2; read line; exit 5';

describe('a connection that is taken over', () => {
  it('is so before anything is looked up: an unknown container is the end of a stream', async () => {
    for (const path of [
      '/attach?container=nobody',
      '/attach',
      '/attach?type=pod&value=nobody&tag=t',
      '/v1.17/exec/start?container=nobody&exec=exec-AbCdEfGhIj',
      '/exec/start',
      '/exec?type=container&value=nobody&command=%5B%22ls%22%5D&tag=abcdefgh',
      '/execvm?pod=nobody&command=%5B%22ls%22%5D',
    ])
      for (const isPlain of [false, true]) {
        const wire = await take(daemon, path, { isPlain, early: 'input that nobody reads' });
        assert.equal(await wire.rest(), '', path);
        wire.halfClose();
      }
  });

  it('is read to its end after the daemon has said its last: no reset', async () => {
    const wire = await attach('nobody', { early: 'x'.repeat(100_000) });
    const fault = Promise.withResolvers<Error>();
    wire.socket.on('error', fault.resolve);
    assert.equal(await wire.rest(), '');
    // The daemon has ended its side; ours still takes what a terminal would type.
    await wire.send('y'.repeat(100_000));
    await wire.send('z');
    const closed = new Promise<string>((resolve) => wire.socket.once('close', () => resolve('closed')));
    wire.halfClose();
    assert.equal(await Promise.race([fault.promise, closed]), 'closed');
  });

  it('of a process that ends is not reset while input is still on its way', async () => {
    await createPod(daemon, { id: 'unread', containers: [shell('unread', 'echo done')] });
    const wire = await attach('unread', { early: 'never read\n'.repeat(10_000) });
    const fault = Promise.withResolvers<Error>();
    wire.socket.on('error', fault.resolve);
    await startPod(daemon, 'unread');
    assert.deepEqual(await framesOf(wire), [[1, 'done\n']]);
    await wire.send('more\n'.repeat(10_000));
    const closed = new Promise<string>((resolve) => wire.socket.once('close', () => resolve('closed')));
    wire.halfClose();
    assert.equal(await Promise.race([fault.promise, closed]), 'closed');
    await removePod(daemon, 'unread');
  });
});

describe('output of a container without a terminal', () => {
  for (const [index, dialect] of DIALECTS.entries()) {
    it(`is ${dialect.age === 'legacy' ? 'raw' : 'in frames'}: ${dialect.name}`, async () => {
      const name = `talk-${index}`;
      await createPod(daemon, { id: name, containers: [shell(name, TALK)] });
      const [request, { agent = 'test' }] = dialect.at(`POST /attach?container=${name}`);
      const wire = await take(daemon, request.replace('POST ', ''), { agent });
      await startPod(daemon, name);
      const isRaw = dialect.age === 'legacy';
      const first = await wire.until('out\n');
      await wire.send('answer\n');
      const second = await wire.until('err answer\n');
      if (isRaw) assert.equal(first + second, 'out\nerr answer\n');
      else
        assert.deepEqual(readFrames(first + second), [
          [1, 'out\n'],
          [2, 'err answer\n'],
        ]);
      assert.equal(await finish(wire), '');
      assert.equal(await exitCode(daemon, name), 5);
      await removePod(daemon, name);
    });
  }
});

describe('attaching', () => {
  it('before the start, by all the words of clients', async () => {
    const [first] = DIALECTS;
    assert.ok(first);
    for (const [index, words] of [
      (name: string) => `container=${name}`,
      (name: string) => `container=%2F${name}`,
      (name: string) => `type=container&value=${name}&tag=abcdefgh&remove=false`,
      (name: string) => `type=container&value=%2F${name}&tag=abcdefgh`,
      (name: string) => `type=pod&value=${name}&tag=abcdefgh`,
      (name: string) => `id=${name}`,
    ].entries()) {
      const name = `words-${index}`;
      await createPod(daemon, { id: name, containers: [shell(name, 'cat')] });
      const wire = await take(daemon, `/attach?${words(name)}`, { early: 'given\n' });
      await startPod(daemon, name);
      assert.deepEqual(readFrames(await finish(wire)), [[1, 'given\n']]);
      assert.equal(await exitCode(daemon, name), 0);
      await removePod(daemon, name);
    }
  });

  it('by id, the beginning of one, or nothing when there is but one', async () => {
    await createPod(daemon, { id: 'only', containers: [shell('only', 'cat')] });
    const [[id = ''] = []] = await listed(daemon, 'container');
    for (const ref of [id, id.slice(0, 12), id.slice(0, 1), '']) {
      await startPod(daemon, 'only');
      const wire = await attach(ref, { early: 'hear me\n' });
      assert.deepEqual(readFrames(await finish(wire)), [[1, 'hear me\n']]);
      assert.equal(await exitCode(daemon, id), 0);
    }
    await removePod(daemon, 'only');
  });

  it('with the start sent first: whoever comes first gets the output', async () => {
    await createPod(daemon, { id: 'late', containers: [shell('late', 'echo one; echo two >&2')] });
    await startPod(daemon, 'late');
    assert.equal(await exitCode(daemon, 'late'), 0);
    const wire = await attach('late');
    assert.deepEqual(
      (await framesOf(wire)).toSorted(([a], [b]) => a - b),
      [
        [1, 'one\n'],
        [2, 'two\n'],
      ],
    );
    wire.halfClose();
    // Seen and over: the next one hears nothing, and does not hang.
    assert.equal(await finish(await attach('late')), '');
    await removePod(daemon, 'late');
  });

  it('to a run that is going on: the first gets all of it', async () => {
    await runPod(daemon, { id: 'going', containers: [shell('going', 'echo before; read line; echo $line')] });
    await until(
      async () => (await tell(daemon, 'GET /container/logs?container=going&stdout=1')).includes('before'),
      'it has spoken',
    );
    const wire = await attach('going');
    await wire.until('before\n');
    await wire.send('after\n');
    assert.deepEqual(readFrames(await wire.until('after\n')), [[1, 'after\n']]);
    assert.equal(await finish(wire), '');
    await removePod(daemon, 'going');
  });

  it('by several at once: each gets all output, any may speak', async () => {
    await createPod(daemon, { id: 'many', containers: [shell('many', 'read a; echo $a; read b; echo $b')] });
    const wires = await Promise.all([attach('many'), attach('many'), attach('many')]);
    await startPod(daemon, 'many');
    const [one, two, three] = wires;
    assert.ok(one && two && three);
    await one.send('first\n');
    await Promise.all(wires.map(async (wire) => wire.until('first\n')));
    await two.send('second\n');
    for (const wire of wires) {
      assert.deepEqual(readFrames(await wire.rest()), [[1, 'second\n']]);
      wire.halfClose();
    }
    await removePod(daemon, 'many');
  });

  it('again after the container, or the pod, was started again', async () => {
    await runPod(daemon, { id: 'again', containers: [shell('again', 'read line; echo "got $line"')] });
    for (const [index, start] of ['/container/start?container=again', '/pod/start?podId=again'].entries()) {
      const wire = await attach('again', { early: `${index}\n` });
      assert.deepEqual(await framesOf(wire), [[1, `got ${index}\n`]]);
      wire.halfClose();
      assert.equal(await tell(daemon, `POST ${start}`), json(200, {}));
    }
    await tell(daemon, 'POST /pod/kill?podName=again&signal=9');
    await startPod(daemon, 'again');
    const wire = await attach('again', { early: 'last\n' });
    assert.deepEqual(await framesOf(wire), [[1, 'got last\n']]);
    wire.halfClose();
    await removePod(daemon, 'again');
  });
});

describe('input', () => {
  it('that is half-closed at once ends it', async () => {
    await createPod(daemon, { id: 'eof', containers: [shell('eof', 'cat; echo over')] });
    const wire = await attach('eof');
    wire.halfClose();
    await startPod(daemon, 'eof');
    assert.deepEqual(await framesOf(wire), [[1, 'over\n']]);
    await removePod(daemon, 'eof');
  });

  it('goes through as it is, as much as there is', async () => {
    await createPod(daemon, { id: 'bulk', containers: [shell('bulk', 'exec md5sum')] });
    const wire = await attach('bulk');
    await startPod(daemon, 'bulk');
    const bytes = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7) & 255));
    await wire.send(bytes);
    const sum = createHash('md5').update(bytes).digest('hex');
    assert.deepEqual(readFrames(await finish(wire)), [[1, `${sum}  -\n`]]);
    await removePod(daemon, 'bulk');
  });
});

describe('a terminal', () => {
  const TTY = { tty: true };
  const SHELL =
    'stty -echo; echo ready; while read line; do echo "<$line>"; test "$line" = end && exit 3; done';

  it('is raw, and left by ctrl-p ctrl-q; the process goes on', async () => {
    await createPod(daemon, { id: 'term', containers: [shell('term', SHELL, TTY)] });
    const wire = await attach('term');
    await startPod(daemon, 'term');
    assert.equal(await wire.until('ready\r\n'), 'ready\r\n');
    await wire.send('one\n');
    assert.equal(await wire.until('<one>\r\n'), '<one>\r\n');
    await wire.send('\x10');
    await wire.send('\x11');
    assert.equal(await wire.rest(), '');
    wire.halfClose();
    assert.match(await tell(daemon, 'GET /list?item=container'), /:term:term:running/u);
    const back = await attach('term');
    await back.send('two\n');
    assert.match(await back.until('<two>\r\n'), /<two>\r\n$/u);
    await back.send('end\n');
    assert.equal(await back.rest(), '<end>\r\n');
    back.halfClose();
    assert.equal(await exitCode(daemon, 'term'), 3);
    await removePod(daemon, 'term');
  });

  it('goes on when a client has no input, and hears keys that only look like leaving', async () => {
    await createPod(daemon, { id: 'deaf', tty: true, containers: [shell('deaf', SHELL)] });
    const listener = await attach('deaf');
    listener.halfClose();
    await startPod(daemon, 'deaf');
    assert.equal(await listener.until('ready\r\n'), 'ready\r\n');
    const speaker = await attach('deaf');
    await speaker.send('\x10');
    await speaker.send('\nend\n');
    assert.equal(await speaker.rest(), '<\x10>\r\n<end>\r\n');
    speaker.halfClose();
    assert.equal(await listener.rest(), '<\x10>\r\n<end>\r\n');
    await removePod(daemon, 'deaf');
  });
});

describe('what clients leave behind', () => {
  it('is nothing: a container goes on when all have gone', async () => {
    await runPod(daemon, { id: 'left', containers: [idle('left')] });
    for (let turn = 0; turn < 5; turn += 1) (await attach('left')).vanish();
    assert.equal(
      await tell(daemon, 'GET /_ping'),
      'HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n\nOK',
    );
    assert.match(await tell(daemon, 'GET /list?item=container'), /:left:left:running/u);
    await removePod(daemon, 'left');
  });
});
