import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  createPod,
  idle,
  killPod,
  listed,
  removePod,
  runPod,
  shell,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { finish, take } from '#test/support/hyper/taken.ts';
import {
  assertRefused,
  bodyOf,
  DIALECTS,
  empty,
  json,
  PAGE_NOT_FOUND,
  tell,
} from '#test/support/hyper/transcript.ts';
import { connectWire } from '#test/support/versions/ask.ts';
import type { WireClient } from '#test/support/wire.ts';

type Info = {
  readonly status: {
    readonly phase: string;
    readonly terminated: { readonly exitCode?: number; readonly reason?: string };
  };
};

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const ask = async (request: string): Promise<string> => tell(daemon, request);

/** A request that waits; another one was answered meanwhile, so that the daemon has heard it. */
const wait = async (query: string): Promise<WireClient> => {
  const wire = await connectWire(daemon.hyperSocket);
  await wire.send(`GET /exitcode?${query} HTTP/1.1\r\nHost: hyper\r\nConnection: close\r\n\r\n`);
  await ask('GET /_ping');
  return wire;
};

/** The body of what a waiting request is answered in the end. */
const answerTo = async (wire: WireClient): Promise<string> => {
  const answer = await wire.rest();
  wire.halfClose();
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/u);
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
};

const prepare = async (container: string, line: string): Promise<string> => {
  const command = encodeURIComponent(JSON.stringify(['sh', '-c', line]));
  return bodyOf(await ask(`POST /exec/create?container=${container}&command=${command}`), 201) as string;
};

/** Ends when its input does. */
const reader = (name: string, line = 'exit 17'): object => shell(name, `read line; ${line}`);

describe('the exit code of a container', () => {
  it('is a bare integer and a newline, in every dialect and under both addresses', async () => {
    await runPod(daemon, { id: 'bare', containers: [shell('bare', 'exit 17')] });
    assert.equal(
      await ask('GET /exitcode?container=bare'),
      'HTTP/1.1 200 OK\nContent-Type: application/json\n\n17\n',
    );
    for (const { at } of DIALECTS)
      for (const path of ['/exitcode', '/container/exitcode']) {
        // As clients write it: the empty exec is the main process.
        const [request, telling] = at(`GET ${path}?container=bare&exec=`);
        assert.equal(await tell(daemon, request, telling), json(200, 17));
      }
    assert.equal(await ask('POST /exitcode?container=bare'), PAGE_NOT_FOUND);
    await removePod(daemon, 'bare');
  });

  it('is that of its process, from 0 to 255', async () => {
    const codes = [0, 1, 2, 126, 127, 128, 137, 143, 254, 255];
    const containers = codes.map((code) => shell(`code-${code}`, `exit ${code}`));
    await runPod(daemon, { id: 'codes', containers });
    for (const code of codes)
      assert.equal(await ask(`GET /exitcode?container=code-${code}`), json(200, code));
    await removePod(daemon, 'codes');
  });

  it('is asked for by all the words for a container', async () => {
    await runPod(daemon, { id: 'words', containers: [shell('words-c', 'exit 5')] });
    const [[id = ''] = []] = await listed(daemon, 'container');
    for (const query of [
      'container=words-c',
      'container=%2Fwords-c',
      `container=${id}`,
      `container=${id.slice(0, 12)}`,
      'container=',
      'value=words-c',
      'id=words-c',
      'type=container&value=words-c&tag=',
      '',
    ])
      assert.equal(await ask(`GET /exitcode?${query}`), json(200, 5), query);
    await removePod(daemon, 'words');
  });

  it('is 0 at once where nothing ever ran', async () => {
    await createPod(daemon, { id: 'never', containers: [idle('never')] });
    assert.equal(await ask('GET /exitcode?container=never'), json(200, 0));
    await killPod(daemon, 'never');
    assert.equal(await ask('GET /exitcode?container=never'), json(200, 0));
    await removePod(daemon, 'never');
  });

  it('is waited for, by as many as want it', async () => {
    await createPod(daemon, { id: 'long', containers: [reader('long')] });
    const input = await take(daemon, '/attach?container=long');
    await startPod(daemon, 'long');
    const waiting = await Promise.all([1, 2, 3].map(async () => wait('container=long&exec=')));
    for (const wire of waiting) assert.equal(wire.received, '');
    (await wait('container=long')).vanish();
    await input.send('\n');
    for (const wire of waiting) assert.equal(await answerTo(wire), '17\n');
    await finish(input);
    assert.equal(await ask('GET /exitcode?container=long'), json(200, 17));
    await removePod(daemon, 'long');
  });

  it('is of the last run', async () => {
    const line = 'echo x >> /runs; exit $(wc -l < /runs)';
    await createPod(daemon, { id: 'runs', containers: [shell('runs', line)] });
    for (const [code, start] of [
      'POST /pod/start?podId=runs',
      'POST /container/start?container=runs',
      'POST /pod/start?podId=runs',
    ].entries()) {
      assert.equal(await ask(start), json(200, {}));
      assert.equal(await ask('GET /exitcode?container=runs'), json(200, code + 1));
    }
    await removePod(daemon, 'runs');
  });

  it('is 137 of a run that was ended by request, whatever its process said, and none of the next', async () => {
    const line = "trap 'exit 3' TERM; echo up; read line; exit 4";
    await createPod(daemon, { id: 'ended', containers: [shell('ended', line)] });
    for (const [request, status, body] of [
      ['POST /container/stop?container=ended', 200, {}],
      ['POST /container/kill?container=ended&signal=9', 201, {}],
      ['POST /container/kill?container=ended&signal=15', 201, {}],
      ['POST /pod/kill?podName=ended&container=ended&signal=9', 200, {}],
      ['POST /pod/kill?podName=ended&signal=9', 200, {}],
      ['POST /pod/stop?podId=ended', 200, { Cause: '', Code: 0, ID: 'ended' }],
    ] as const) {
      await startPod(daemon, 'ended');
      const input = await take(daemon, '/attach?container=ended');
      await input.until('up\n');
      const waiting = await wait('container=ended');
      assert.equal(await ask(request), json(status, body), request);
      assert.equal(await answerTo(waiting), '137\n', request);
      assert.equal(await ask('GET /exitcode?container=ended'), json(200, 137), request);
      // Infos tell what the process made of it; that it was ended makes it a failure.
      const { status: told } = bodyOf(await ask('GET /container/info?container=ended')) as Info;
      const own = /signal=9/u.test(request) ? 137 : 3;
      assert.deepEqual(
        [told.phase, told.terminated.exitCode, told.terminated.reason],
        ['failed', own, 'Failed'],
      );
      await finish(input);
    }
    await startPod(daemon, 'ended');
    const input = await take(daemon, '/attach?container=ended', { early: '\n' });
    assert.equal(await ask('GET /exitcode?container=ended'), json(200, 4));
    await finish(input);
    await removePod(daemon, 'ended');
  });

  it('is told to who waits when the container, or its pod, is removed', async () => {
    await runPod(daemon, {
      id: 'gone',
      containers: [idle('gone-a', { StopSignal: 'KILL' }), idle('gone-b')],
    });
    const [first, second] = [await wait('container=gone-a'), await wait('container=gone-b')];
    assert.equal(await ask('POST /container/remove?container=gone-a'), empty(204));
    assert.match(await answerTo(first), /^\d+\n$/u);
    assertRefused(await ask('GET /exitcode?container=gone-a'), 500, /gone-a/u);
    await removePod(daemon, 'gone');
    assert.equal(await answerTo(second), '137\n');
  });
});

describe('the exit code of a command', () => {
  before(async () => {
    await runPod(daemon, { id: 'host', containers: [idle('host')] });
  });
  after(async () => removePod(daemon, 'host'));

  it('is as much as its own, in every dialect and under all its names', async () => {
    for (const [code, { at }] of DIALECTS.entries()) {
      const exec = await prepare('host', `exit ${code}`);
      assert.equal(await finish(await take(daemon, `/exec/start?container=host&exec=${exec}`)), '');
      for (const query of [`container=host&exec=${exec}`, `exec=${exec}`, `container=host&tag=${exec}`])
        for (const path of ['/exitcode', '/container/exitcode']) {
          const [request, telling] = at(`GET ${path}?${query}`);
          assert.equal(await tell(daemon, request, telling), json(200, code));
        }
    }
  });

  it('is that of the tag which an older client chose', async () => {
    for (const [index, prefix] of ['/v0.4.0', '/v0.5.0', '/v0.6.0'].entries()) {
      const command = encodeURIComponent(JSON.stringify(['sh', '-c', `exit ${30 + index}`]));
      const tag = `tagtag0${index}`;
      const path = `${prefix}/exec?type=container&value=host&command=${command}&tag=${tag}`;
      assert.equal(await finish(await take(daemon, path)), '');
      assert.equal(await ask(`GET ${prefix}/exitcode?container=host&tag=${tag}`), json(200, 30 + index));
    }
  });

  it('is waited for', async () => {
    const exec = await prepare('host', 'read line; exit 9');
    const waiting = await wait(`container=host&exec=${exec}`);
    const input = await take(daemon, `/exec/start?container=host&exec=${exec}`);
    assert.equal(waiting.received, '');
    assert.equal(await finish(input), '');
    assert.equal(await answerTo(waiting), '9\n');
  });

  it('is known as long as it runs on without its client, and after its container and pod', async () => {
    await runPod(daemon, { id: 'brief', containers: [idle('brief')] });
    const exec = await prepare('brief', 'exit 7');
    await finish(await take(daemon, `/exec/start?exec=${exec}`));
    assert.equal(await ask(`GET /exitcode?container=brief&exec=${exec}`), json(200, 7));
    await killPod(daemon, 'brief');
    assert.equal(await ask(`GET /exitcode?container=brief&exec=${exec}`), json(200, 7));
    await removePod(daemon, 'brief');
    assert.equal(await ask(`GET /exitcode?container=brief&exec=${exec}`), json(200, 7));
  });

  it('is not waited for longer than ten seconds', async () => {
    const late = /wait exec exit code timeout/u;
    const idleExec = await prepare('host', 'exit 1');
    const busyExec = await prepare('host', 'read line; exit 6');
    const input = await take(daemon, `/exec/start?exec=${busyExec}`);
    const refusals = await Promise.all(
      [idleExec, busyExec].map(async (exec) => ask(`GET /exitcode?container=host&exec=${exec}`)),
    );
    for (const refusal of refusals) assertRefused(refusal, 500, late);
    assert.equal(await finish(input), '');
    assert.equal(await ask(`GET /exitcode?container=host&exec=${busyExec}`), json(200, 6));
  });
});

describe('what nobody knows', () => {
  it('has no exit code, in any dialect', async () => {
    for (const query of [
      'container=nobody',
      'type=container&value=nobody&tag=abcdefgh',
      'container=nobody&exec=exec-AbCdEfGhIj',
      'exec=exec-AbCdEfGhIj',
      'tag=abcdefgh',
      '',
    ])
      for (const { at } of DIALECTS) {
        const [request, telling] = at(`GET /exitcode?${query}`);
        assertRefused(await tell(daemon, request, telling), 500, /cannot find container/u);
      }
  });

  it('is also the beginning of two ids', async () => {
    const containers = Array.from({ length: 17 }, (_, index) => idle(`sixteen-${index}`));
    await createPod(daemon, { id: 'sixteen', containers });
    const ids = (await listed(daemon, 'container')).map(([id = '']) => id);
    const [letter = ''] = ids.map((id) => id.slice(0, 1)).filter((one, at, all) => all.indexOf(one) !== at);
    assertRefused(await ask(`GET /exitcode?container=${letter}`), 500, /cannot find container/u);
    assertRefused(await ask('GET /exitcode?container='), 500, /cannot find container/u);
    assert.equal(await ask(`GET /exitcode?container=${ids[0]}`), json(200, 0));
    await removePod(daemon, 'sixteen');
  });
});
