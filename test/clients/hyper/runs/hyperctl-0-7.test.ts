import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { containerOf, idOf, linesOf, podOf, randomIdOf } from '#test/support/hyper/answers.ts';
import { ClientRun, HYPERCTL_0_7 } from '#test/support/hyper/client-run.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { flagged, IDLE } from '#test/support/hyper/hyperctl.ts';
import { ImageBench } from '#test/support/hyper/image-bench.ts';
import { progressOf } from '#test/support/hyper/progress.ts';
import { byKind, finish, framesOf, readFrames } from '#test/support/hyper/taken.ts';
import { assertRefused, bodyOf, done, empty, json } from '#test/support/hyper/transcript.ts';

/**
 * Runs of hyperctl 0.7, call by call: a VM first, then the pod, which starts in it with the connection taken over. A pod
 * is over when its containers are.
 */

let bench: ImageBench;
before(async () => (bench = await ImageBench.start()));
after(async () => bench[Symbol.asyncDispose]());
afterEach(async () => {
  await clear(bench.daemon);
  await bench.remove(bench.image.id, '&force=yes');
});

const hyperctl = async <T>(work: (run: ClientRun) => Promise<T>): Promise<T> => {
  using run = new ClientRun(bench.daemon, HYPERCTL_0_7);
  return await work(run);
};

/** The id is a name only to these clients: they go by the answer's. */
const makeVm = async (run: ClientRun): Promise<string> => {
  const answer = await run.call('POST /vm/create?async=yes&cpu=1&mem=128');
  const vm = idOf(answer, 200);
  assert.match(vm, /^vm-[A-Za-z]{10}$/u);
  assert.equal(answer, done(200, vm));
  return vm;
};

const create = async (run: ClientRun, name: string, line: string, more: object = {}): Promise<string> =>
  randomIdOf(await run.call('POST /pod/create', { body: flagged(name, line, more) }), 201);

const list = async (run: ClientRun, item: 'pod' | 'container' | 'vm', more = ''): Promise<string[]> =>
  linesOf(await run.call(`GET /list?auxiliary=no&item=${item}${more}`));

const untilOver = async (run: ClientRun, name: string, word: string): Promise<void> => {
  const isOver = (line: string): boolean => line.endsWith(`:${name}::${word}`);
  await until(async () => (await list(run, 'pod')).some(isOver), `${name} has ${word}`);
};

type Started = { readonly vm: string; readonly pod: string };

/** `hyperctl run -d`. */
const runDetached = async (
  run: ClientRun,
  name: string,
  line = IDLE,
  more: object = {},
): Promise<Started> => {
  const vm = await makeVm(run);
  const pod = await create(run, name, line, more);
  assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=${vm}`), done(200, vm));
  return { vm, pod };
};

describe('hyperctl 0.7 run', () => {
  it('attached: the stream of the start, then the exit code; the VM goes with a failed run', async () => {
    for (const [code, word] of [
      [0, 'succeeded'],
      [17, 'failed'],
    ] as const)
      await hyperctl(async (run) => {
        const vm = await makeVm(run);
        const pod = await create(run, 'run', `cat; echo err >&2; exit ${code}`);
        const wire = await run.hijack(`/pod/start?attach=yes&podId=${pod}&vmId=${vm}`, 'in\n');
        wire.halfClose();
        assert.deepEqual(byKind(await framesOf(wire)), [
          [1, 'in\n'],
          [2, 'err\n'],
        ]);
        assert.equal(await run.call('GET /exitcode?container=run&tag='), json(200, code));
        if (code !== 0) {
          const { Cause } = bodyOf(await run.call(`DELETE /vm?vm=${vm}`)) as { Cause: string };
          assert.equal(typeof Cause, 'string');
        }
        await untilOver(run, 'run', word);
        assert.deepEqual(await list(run, 'vm'), []);
        // --rm
        assert.equal(await run.call(`DELETE /pod?podId=${pod}`), done(200, pod));
      });
  });

  it('-t: the stream is raw, and has a size', async () => {
    await hyperctl(async (run) => {
      const vm = await makeVm(run);
      const pod = await create(run, 'run-t', 'read go; stty size; exit 3', { tty: true });
      const wire = await run.hijack(`/pod/start?attach=yes&podId=${pod}&vmId=${vm}`);
      await until(
        async () => (await run.call('POST /tty/resize?container=run-t&exec=&h=31&w=97')) === empty(200),
        'it has a terminal',
      );
      await wire.send('go\n');
      assert.equal(await wire.rest(), 'go\r\n31 97\r\n');
      wire.halfClose();
      const { status } = containerOf(await run.call('GET /container/info?container=run-t'));
      assert.equal(status.terminated.exitCode, 3);
    });
  });

  it('-d, and -d of what is over soon', async () => {
    await hyperctl(async (run) => {
      const { vm, pod } = await runDetached(run, 'run-d');
      assert.deepEqual(await list(run, 'pod'), [`${pod}:run-d:${vm}:running`]);
      assert.deepEqual(await list(run, 'vm'), [`${vm}:${pod}:associated`]);
      await runDetached(run, 'short', 'exit 0');
      await untilOver(run, 'short', 'succeeded');
    });
  });

  it('of an image that is not there: 404, a pull, and once more in the same VM', async () => {
    const image = `${bench.open.host}/some/tool:v1`;
    await hyperctl(async (run) => {
      const vm = await makeVm(run);
      const body = flagged('run-p', '', { image });
      assertRefused(await run.call('POST /pod/create', { body }), 404, /No such image/u);
      progressOf(await run.call(`POST /image/create?imageName=${encodeURIComponent(image)}`));
      randomIdOf(await run.call('POST /pod/create', { body }), 201);
      assert.deepEqual(await list(run, 'vm'), [`${vm}::idle`]);
    });
  });

  it('that fails takes its VM away', async () => {
    await hyperctl(async (run) => {
      const vm = await makeVm(run);
      const body = { id: 'bad', hostname: 'not_a_host', containers: [] };
      assertRefused(await run.call('POST /pod/create', { body }), 500, /Hostname/u);
      const { ID } = bodyOf(await run.call(`DELETE /vm?vm=${vm}`)) as { ID: string };
      assert.equal(ID, vm);
      assert.deepEqual(await list(run, 'vm'), []);
      assert.deepEqual(await list(run, 'pod'), []);
    });
  });
});

describe('hyperctl 0.7 create, start, stop, rm', () => {
  it('has no VM before the start, and codes of its own after the stop', async () => {
    await hyperctl(async (run) => {
      const pod = await create(run, 'life', IDLE, { StopSignal: 'KILL' });
      assert.deepEqual(await list(run, 'pod'), [`${pod}:life::pending`]);
      assert.deepEqual(await list(run, 'vm'), []);
      // start POD
      assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=`), done(200, ''));
      assertRefused(
        await run.call(`POST /pod/start?podId=${pod}&vmId=`),
        500,
        new RegExp(`${pod} is already running`, 'u'),
      );
      const { vm, status } = podOf(await run.call(`GET /pod/info?podName=${pod}`));
      assert.match(vm ?? '', /^vm-[A-Za-z]{10}$/u);
      assert.equal(status.phase, 'Running');
      assert.match(status.podIP?.[0] ?? '', /^\d+\.\d+\.\d+\.\d+$/u);
      const [line = ''] = await list(run, 'container', `&pod=${pod}`);
      assert.match(line, new RegExp(`^[0-9a-f]{64}:/life:${pod}:running$`, 'u'));
      assert.equal(await run.call(`POST /pod/stop?podId=${pod}&stopVm=yes`), done(200, pod, 2));
      assert.deepEqual(await list(run, 'pod'), [`${pod}:life::failed`]);
      // start POD VM
      const other = await makeVm(run);
      assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=${other}`), done(200, other));
      assert.equal(await run.call(`POST /pod/stop?podId=${pod}&stopVm=no`), done(200, pod, 4));
      assert.deepEqual(await list(run, 'vm'), [`${other}::idle`]);
      assert.equal(await run.call(`DELETE /pod?podId=${pod}`), done(200, pod));
      assert.deepEqual(await list(run, 'pod'), []);
    });
  });

  it('pause, unpause and kill answer as they do today; the stop of a container is 201', async () => {
    await hyperctl(async (run) => {
      await runDetached(run, 'other', IDLE, { StopSignal: 'KILL' });
      assert.equal(await run.call('POST /pod/pause?podId=other'), empty(204));
      assert.equal(await run.call('POST /pod/unpause?podId=other'), empty(204));
      assert.equal(await run.call('POST /container/stop?container=other'), json(201, {}));
      await untilOver(run, 'other', 'failed');
      assert.equal(await run.call('POST /pod/start?podId=other&vmId='), done(200, ''));
      assert.equal(await run.call('POST /container/kill?container=other&signal=9'), json(201, {}));
      await untilOver(run, 'other', 'failed');
      assert.equal(await run.call('POST /pod/start?podId=other&vmId='), done(200, ''));
      assert.equal(await run.call('POST /pod/kill?podName=other&signal=9'), json(200, {}));
      await untilOver(run, 'other', 'failed');
    });
  });
});

describe('hyperctl 0.7 exec, attach, logs', () => {
  it('find the container by the list, whose names have slashes', async () => {
    await hyperctl(async (run) => {
      const { pod } = await runDetached(run, 'pod-ex');
      const [line = ''] = await list(run, 'container', `&pod=${pod}`);
      const [id = '', name] = line.split(':');
      assert.equal(name, '/pod-ex');
      const words = encodeURIComponent(JSON.stringify(['sh', '-c', 'cat; exit 37']));
      for (const container of [id, name]) {
        const answer = await run.call(`POST /exec/create?command=${words}&container=${container}&tty=no`);
        const exec = String(bodyOf(answer, 201));
        const wire = await run.hijack(`/exec/start?container=${container}&exec=${exec}`, 'in\n');
        assert.deepEqual(readFrames(await finish(wire)), [[1, 'in\n']]);
        assert.equal(await run.call(`GET /exitcode?container=${container}&exec=${exec}`), json(200, 37));
      }
    });
  });

  it('see frames, and logs after the pod is over', async () => {
    await hyperctl(async (run) => {
      await runDetached(run, 'talk', 'read line; echo "<$line>"; exit 4');
      const { container } = containerOf(await run.call('GET /container/info?container=talk'));
      assert.equal(container.tty, undefined);
      const wire = await run.hijack('/attach?container=talk', 'a\n');
      assert.deepEqual(readFrames(await finish(wire)), [[1, '<a>\n']]);
      assert.equal(await run.call('GET /exitcode?container=talk&exec='), json(200, 4));
      await untilOver(run, 'talk', 'failed');
      const query = 'container=talk&follow=no&since=&stderr=yes&stdout=yes&tail=&timestamps=no';
      const answer = await run.call(`GET /container/logs?${query}`);
      assert.deepEqual(readFrames(answer.split('\n\n')[1]?.concat('') ?? ''), [[1, '<a>\n']]);
    });
  });
});
