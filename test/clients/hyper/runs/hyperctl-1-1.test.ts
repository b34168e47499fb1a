import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { containerOf, idOf, linesOf, podOf } from '#test/support/hyper/answers.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import {
  flagged,
  flaggedContainer,
  hyperctl,
  IDLE,
  list,
  runDetached,
  start,
} from '#test/support/hyper/hyperctl.ts';
import { ImageBench } from '#test/support/hyper/image-bench.ts';
import { progressOf } from '#test/support/hyper/progress.ts';
import { byKind, finish, framesOf, readFrames } from '#test/support/hyper/taken.ts';
import { assertRefused, done, empty, json } from '#test/support/hyper/transcript.ts';

/** Runs of hyperctl 1.1: every call that a command makes, in its order, and what it reads of each answer. */

let bench: ImageBench;
before(async () => (bench = await ImageBench.start()));
after(async () => bench[Symbol.asyncDispose]());
afterEach(async () => {
  await clear(bench.daemon);
  await bench.remove(bench.image.id, '&force=yes');
});

/** A first process hears no other signal until it has said that it does. */
const AT_ONCE = { StopSignal: 'KILL' };

describe('hyperctl run', () => {
  it('attached: attach and start at once, then the exit code', async () => {
    for (const isStartFirst of [false, true])
      await hyperctl(bench.daemon, async (run) => {
        const body = flagged('run-a', 'echo out; echo err >&2; exit 17');
        const pod = idOf(await run.call('POST /pod/create', { body }), 201);
        assert.equal(pod, 'run-a');
        const { spec } = podOf(await run.call(`GET /pod/info?podName=${pod}`));
        assert.deepEqual(
          spec.containers.map(({ name, tty }) => [name, tty]),
          [['/run-a', undefined]],
        );
        if (isStartFirst) await start(run, pod);
        const attached = await run.hijack('/attach?container=run-a');
        if (!isStartFirst) await start(run, pod);
        attached.halfClose();
        // Two pipes: which comes first is chance.
        assert.deepEqual(byKind(await framesOf(attached)), [
          [1, 'out\n'],
          [2, 'err\n'],
        ]);
        assert.equal(await run.call('GET /exitcode?container=run-a&exec='), json(200, 17));
        // --rm
        assert.equal(await run.call(`DELETE /pod?podId=${pod}`), done(200, pod));
        assert.deepEqual(linesOf(await list(run, 'pod')), []);
      });
  });

  it('attached, with input', async () => {
    await hyperctl(bench.daemon, async (run) => {
      await run.call('POST /pod/create', { body: flagged('run-i', 'wc -c') });
      await run.call('GET /pod/info?podName=run-i');
      const input = 'line\n'.repeat(20_000);
      const [attached] = await Promise.all([
        run.hijack('/attach?container=run-i', input),
        start(run, 'run-i'),
      ]);
      assert.deepEqual(readFrames(await finish(attached)), [[1, `${input.length}\n`]]);
      assert.equal(await run.call('GET /exitcode?container=run-i&exec='), json(200, 0));
    });
  });

  it('-t: a terminal of its size, and the exit code in the info', async () => {
    await hyperctl(bench.daemon, async (run) => {
      const body = flagged('run-t', 'read go; stty size; exit 3', { tty: true });
      await run.call('POST /pod/create', { body });
      const { spec } = podOf(await run.call('GET /pod/info?podName=run-t'));
      assert.equal(spec.containers[0]?.tty, true);
      const attached = await run.hijack('/attach?container=run-t');
      await start(run, 'run-t');
      assert.equal(await run.call('POST /tty/resize?container=run-t&exec=&h=31&w=97'), empty(200));
      await attached.send('go\n');
      assert.equal(await attached.rest(), 'go\r\n31 97\r\n');
      attached.halfClose();
      const { podID, container, status } = containerOf(await run.call('GET /container/info?container=run-t'));
      assert.deepEqual(
        [podID, container.tty, status.phase, status.terminated.exitCode],
        ['run-t', true, 'failed', 3],
      );
    });
  });

  it('-d: create and start, and with --rm a removal at once', async () => {
    await hyperctl(bench.daemon, async (run) => {
      assert.equal(
        await run.call('POST /pod/create', { body: flagged('run-d', IDLE, AT_ONCE) }),
        done(201, 'run-d'),
      );
      await start(run, 'run-d');
      assert.equal(await run.call('DELETE /pod?podId=run-d'), done(200, 'run-d'));
      assert.deepEqual(linesOf(await list(run, 'container')), []);
    });
  });

  it('of an image that is not there: 404, a pull of each, and once more', async () => {
    const image = `${bench.open.host}/some/tool:v1`;
    await hyperctl(bench.daemon, async (run) => {
      const body = flagged('run-p', '', { image });
      assertRefused(await run.call('POST /pod/create', { body }), 404, /No such image/u);
      const answer = await run.call(`POST /image/create?imageName=${encodeURIComponent(image)}`, {
        headers: { 'X-Registry-Auth': Buffer.from('{"auth":"","email":""}').toString('base64url') },
      });
      assert.equal(progressOf(answer).at(-1)?.status, `Status: Downloaded newer image for ${image}`);
      assert.equal(await run.call('POST /pod/create', { body }), done(201, 'run-p'));
    });
  });

  it('-p: the first container of a file is attached, others run beside it', async () => {
    const container = (name: string, line: string): object => ({
      name,
      image: 'busybox',
      command: ['sh', '-c', line],
    });
    await hyperctl(bench.daemon, async (run) => {
      const body = {
        id: 'file',
        containers: [container('file-a', 'read x; echo "$x"'), container('file-b', IDLE)],
      };
      await run.call('POST /pod/create', { body });
      podOf(await run.call('GET /pod/info?podName=file'));
      const [attached] = await Promise.all([
        run.hijack('/attach?container=file-a', 'said\n'),
        start(run, 'file'),
      ]);
      assert.deepEqual(readFrames(await finish(attached)), [[1, 'said\n']]);
      assert.equal(await run.call('GET /exitcode?container=file-a&exec='), json(200, 0));
      // The pod goes on without it.
      const vm = linesOf(await list(run, 'pod'))[0]?.split(':')[2];
      assert.deepEqual(linesOf(await list(run, 'pod')), [`file:file:${vm}:running`]);
    });
  });
});

describe('hyperctl create, start, stop, rm', () => {
  it('of pods, and the lists between them', async () => {
    const name = 'life';
    const body = flagged(name, IDLE, AT_ONCE);
    assert.equal(
      await hyperctl(bench.daemon, async (run) => run.call('POST /pod/create', { body })),
      done(201, name),
    );
    const seen = async (): Promise<string[][]> =>
      hyperctl(bench.daemon, async (run) => [
        linesOf(await list(run, 'pod')),
        linesOf(await list(run, 'container')),
        linesOf(await list(run, 'vm')),
      ]);
    const id =
      linesOf(await hyperctl(bench.daemon, async (run) => list(run, 'container')))[0]?.split(':')[0] ?? '';
    const vmOf = async (): Promise<string> => (await seen())[0]?.[0]?.split(':')[2] ?? '';
    for (const [word, act] of [
      ['pending', async () => undefined],
      ['running', async () => hyperctl(bench.daemon, async (run) => start(run, name))],
    ] as const) {
      await act();
      const vm = await vmOf();
      assert.deepEqual(await seen(), [
        [`life:life:${vm}:running`],
        [`${id}:life:life:${word}`],
        [`${vm}:life:associated`],
      ]);
    }
    const stop = async (): Promise<string> =>
      hyperctl(bench.daemon, async (run) => run.call('POST /pod/stop?podId=life&stopVm=yes'));
    assert.equal(await stop(), done(200, name));
    assert.deepEqual(await seen(), [['life:life::failed'], [`${id}:life:life:failed`], []]);
    // Again is fine.
    assert.equal(await stop(), done(200, name));
    await hyperctl(bench.daemon, async (run) => start(run, name));
    assert.match((await seen())[0]?.[0] ?? '', /^life:life:vm-[A-Za-z]{10}:running$/u);
    assert.equal(
      await hyperctl(bench.daemon, async (run) => run.call('DELETE /pod?podId=life')),
      done(200, name),
    );
    assert.deepEqual(await seen(), [[], [], []]);
    // rm goes on to the next and prints what it was told.
    await hyperctl(bench.daemon, async (run) => {
      for (const pod of ['life', 'nobody'])
        assertRefused(await run.call(`DELETE /pod?podId=${pod}`), 500, new RegExp(pod, 'u'));
    });
  });

  it('-c of containers in a pod', async () => {
    await runDetached(bench.daemon, 'host');
    const body = flaggedContainer('guest', IDLE, AT_ONCE);
    const id = await hyperctl(bench.daemon, async (run) => {
      const ID = idOf(await run.call('POST /container/create?podId=host', { body }), 201);
      assert.match(ID, /^[0-9a-f]{64}$/u);
      return ID;
    });
    const word = async (): Promise<string | undefined> =>
      linesOf(await hyperctl(bench.daemon, async (run) => list(run, 'container', '&pod=host')))
        .find((line) => line.startsWith(`${id}:guest:host:`))
        ?.split(':')[3];
    assert.equal(await word(), 'pending');
    for (const [request, expected, left] of [
      ['POST /container/start?container=guest', json(200, {}), 'running'],
      ['POST /container/start?container=guest', json(200, {}), 'running'],
      ['POST /container/stop?container=guest', json(200, {}), 'failed'],
      ['POST /container/stop?container=guest', json(200, {}), 'failed'],
      [`POST /container/start?container=${id}`, json(200, {}), 'running'],
      ['POST /container/kill?container=guest&signal=9', json(201, {}), 'failed'],
      ['DELETE /pod?podId=guest', undefined, 'failed'],
      [`POST /container/remove?container=${id.slice(0, 12)}`, empty(204), undefined],
    ] as const) {
      const answer = await hyperctl(bench.daemon, async (run) => run.call(request));
      if (expected === undefined) assertRefused(answer, 500, /guest/u);
      else assert.equal(answer, expected, request);
      if (request.includes('/kill'))
        await hyperctl(bench.daemon, async (run) => run.call('GET /exitcode?container=guest&exec='));
      assert.equal(await word(), left, request);
    }
    await hyperctl(bench.daemon, async (run) => {
      assertRefused(await run.call('POST /container/stop?container=guest'), 404, /guest/u);
      assertRefused(await run.call('POST /container/remove?container=guest'), 500, /guest/u);
      assertRefused(await run.call('POST /container/create?podId=nobody', { body }), 500, /nobody/u);
    });
  });

  it('-c pulls what is missing', async () => {
    await runDetached(bench.daemon, 'host');
    const image = `${bench.open.host}/some/tool:v1`;
    await hyperctl(bench.daemon, async (run) => {
      const body = flaggedContainer('guest', '', { image });
      assertRefused(await run.call('POST /container/create?podId=host', { body }), 404, /No such image/u);
      progressOf(await run.call(`POST /image/create?imageName=${encodeURIComponent(image)}`));
      idOf(await run.call('POST /container/create?podId=host', { body }), 201);
    });
  });
});
