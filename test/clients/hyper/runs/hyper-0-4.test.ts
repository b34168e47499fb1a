import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { idOf, linesOf, podOf, randomIdOf } from '#test/support/hyper/answers.ts';
import { ClientRun, HYPER_0_4 } from '#test/support/hyper/client-run.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { flagged, IDLE } from '#test/support/hyper/hyperctl.ts';
import { ImageBench } from '#test/support/hyper/image-bench.ts';
import { progressOf } from '#test/support/hyper/progress.ts';
import { finish } from '#test/support/hyper/taken.ts';
import { assertRefused, bodyOf, done, empty, json } from '#test/support/hyper/transcript.ts';
import { ACCOUNT } from '#test/support/registry.ts';

/**
 * Runs of `hyper` 0.4, call by call: pods in the query, POST for everything that removes, output without frames, and
 * errors that are told by words.
 */

let bench: ImageBench;
before(async () => (bench = await ImageBench.start()));
after(async () => bench[Symbol.asyncDispose]());
afterEach(async () => {
  await clear(bench.daemon);
  await bench.remove(bench.image.id, '&force=yes');
});

const hyper = async <T>(work: (run: ClientRun) => Promise<T>): Promise<T> => {
  using run = new ClientRun(bench.daemon, HYPER_0_4);
  return await work(run);
};

/** As this client's flags make it: there are members that mean nothing, and a capital where none is now. */
const podArgs = (name: string, line: string, more: object = {}): string =>
  encodeURIComponent(
    JSON.stringify({
      ...flagged(name, line, { user: { name: '', group: '' }, tty: true, StopSignal: 'KILL', ...more }),
      labels: null,
      RestartPolicy: 'never',
      files: [],
      volumes: [],
    }),
  );

const list = async (run: ClientRun, item: 'pod' | 'container' | 'vm', more = ''): Promise<string[]> => {
  const answer = await run.call(`GET /list?item=${item}${more}`);
  const { Item } = bodyOf(answer) as { Item: string };
  assert.equal(Item, item);
  return linesOf(answer, 200);
};

/** `hyper run`, which starts the pod by itself. */
const run04 = async (run: ClientRun, name: string, line: string, more: object = {}): Promise<string> =>
  randomIdOf(await run.call(`POST /pod/run?podArgs=${podArgs(name, line, more)}&remove=no`), 200);

describe('hyper run, pod', () => {
  it('run a pod, find its container and attach to it, raw', async () => {
    await hyper(async (run) => {
      const pod = await run04(run, 'run', 'read go; stty size; read more');
      const [line = ''] = await list(run, 'container', `&pod=${pod}`);
      const [id, name, owner, word] = line.split(':');
      assert.deepEqual([name, owner, word], ['/run', pod, 'running']);
      const wire = await run.hijack(`/attach?tag=AbCdEfGh&type=container&value=${id}&remove=false`);
      assert.equal(await run.call(`POST /tty/resize?h=31&id=${id}&tag=AbCdEfGh&w=97`), empty(200));
      await wire.send('go\n');
      await wire.until('31 97\r\n');
      await wire.send('\n');
      await wire.rest();
      wire.halfClose();
      await until(async () => (await list(run, 'pod'))[0] === `${pod}:run::succeeded`, 'it is over');
    });
  });

  it('pull what is missing when the words say so', async () => {
    const image = `${bench.open.host}/some/tool:v1`;
    await hyper(async (run) => {
      const args = podArgs('pulled', '', { image });
      for (const request of [`POST /pod/create?podArgs=${args}`, `POST /pod/run?podArgs=${args}&remove=no`])
        assertRefused(await run.call(request), 404, /could not find image: no such id/u);
      progressOf(await run.call(`POST /image/create?imageName=${encodeURIComponent(image)}`));
      randomIdOf(await run.call(`POST /pod/create?podArgs=${args}`), 200);
    });
  });

  it('print what is wrong with a file', async () => {
    await hyper(async (run) => {
      for (const [args, words] of [
        ['%7B', /unexpected end of JSON input/u],
        [encodeURIComponent('{"id":"none","containers":[]}'), /container section can not be null/u],
        [encodeURIComponent('{"id":"a:b","containers":[{"image":"busybox"}]}'), /a:b/u],
      ] as const)
        assertRefused(await run.call(`POST /pod/run?podArgs=${args}&remove=no`), 500, words);
      assert.deepEqual(await list(run, 'pod'), []);
    });
  });
});

describe('hyper create, start, stop, rm', () => {
  it('look at codes: 0 of a start, 2 of a stop, 4 of one that keeps the VM, 0 or 2 of a removal', async () => {
    await hyper(async (run) => {
      const args = podArgs('life', IDLE, { tty: false });
      const pod = randomIdOf(await run.call(`POST /pod/create?podArgs=${args}`), 200);
      assert.deepEqual(await list(run, 'pod'), [`${pod}:life::pending`]);
      assert.deepEqual(await list(run, 'vm'), []);
      assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=`), done(200, ''));
      assertRefused(
        await run.call(`POST /pod/start?podId=${pod}&vmId=`),
        500,
        new RegExp(`${pod} is already running`, 'u'),
      );
      assert.equal(await run.call(`POST /pod/stop?podId=${pod}&stopVm=yes`), done(200, pod, 2));
      assert.deepEqual(await list(run, 'pod'), [`${pod}:life::failed`]);
      assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=`), done(200, ''));
      // --onlypod
      assert.equal(await run.call(`POST /pod/stop?podId=${pod}&stopVm=no`), done(200, pod, 4));
      const [line = ''] = await list(run, 'vm');
      const [vm = '', owner, word] = line.split(':');
      assert.deepEqual([owner, word], ['', 'idle']);
      assert.equal(await run.call(`POST /pod/remove?podId=${pod}`), done(200, pod));
      assertRefused(await run.call(`POST /pod/remove?podId=${pod}`), 500, new RegExp(pod, 'u'));
      // kill
      assert.equal(await run.call(`POST /vm/kill?vm=${vm}`), done(200, vm, 2));
      assertRefused(await run.call(`POST /vm/kill?vm=${vm}`), 500, new RegExp(vm, 'u'));
    });
  });

  it('vm makes one of a size, which a pod may start in', async () => {
    await hyper(async (run) => {
      const vm = idOf(await run.call('POST /vm/create?cpu=1&mem=128'), 200);
      const pod = randomIdOf(await run.call(`POST /pod/create?podArgs=${podArgs('in-vm', IDLE)}`), 200);
      assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=${vm}`), done(200, vm));
      assert.deepEqual(await list(run, 'pod', `&pod=${pod}`), [`${pod}:in-vm:${vm}:running`]);
      assert.deepEqual(await list(run, 'vm', `&vm=${vm}`), [`${vm}:${pod}:associated`]);
      assert.equal(await run.call(`POST /vm/kill?vm=${vm}`), done(200, vm, 2));
      assert.deepEqual(await list(run, 'pod'), [`${pod}:in-vm::failed`]);
    });
  });
});

describe('hyper exec, replace', () => {
  it('run a command under a tag, raw, with a size', async () => {
    await hyper(async (run) => {
      const pod = await run04(run, 'ex', IDLE);
      const words = encodeURIComponent(JSON.stringify(['sh', '-c', 'read go; stty size; echo "$go" >&2']));
      const [line = ''] = await list(run, 'container', `&pod=${pod}`);
      const [id = ''] = line.split(':');
      const wire = await run.hijack(`/exec?command=${words}&tag=HgFeDcBa&type=container&value=${id}`);
      await until(
        async () => (await run.call(`POST /tty/resize?h=31&id=${id}&tag=HgFeDcBa&w=97`)) === empty(200),
        'it has a terminal',
      );
      await wire.send('go\n');
      assert.equal(await wire.rest(), 'go\r\n31 97\r\ngo\r\n');
      wire.halfClose();
    });
  });

  it('in a pod it is in its first container', async () => {
    await hyper(async (run) => {
      const pod = await run04(run, 'pod-ex', IDLE);
      const words = encodeURIComponent(JSON.stringify(['hostname']));
      const wire = await run.hijack(`/exec?command=${words}&tag=HgFeDcBa&type=pod&value=${pod}`);
      assert.equal(await finish(wire), 'pod-ex\r\n');
    });
  });

  it('replace one pod by another in its VM', async () => {
    await hyper(async (run) => {
      const old = await run04(run, 'old', IDLE);
      const next = randomIdOf(await run.call(`POST /pod/create?podArgs=${podArgs('new', IDLE)}`), 200);
      const { vm = '' } = podOf(await run.call(`GET /pod/info?podName=${old}`), 201);
      assert.equal(await run.call(`POST /pod/stop?podId=${old}&stopVm=no`), done(200, old, 4));
      assert.equal(await run.call(`POST /pod/start?podId=${next}&vmId=${vm}`), done(200, vm));
      assert.deepEqual(await list(run, 'pod'), [`${old}:old::failed`, `${next}:new:${vm}:running`]);
    });
  });
});

describe('hyper images, commit, pull, rmi, login, info, build, push', () => {
  it('have lists that are split from the left, and removals that tell nothing', async () => {
    await hyper(async (run) => {
      await run04(run, 'source', 'echo kept > /kept; exec cat');
      const commit =
        'POST /container/commit?author=&change=null&container=source&message=&pause=no&repo=made&tag=v1';
      const id = idOf(await run.call(commit), 200);
      assert.match(id, /^sha256:/u);
      const { imagesList } = bodyOf(await run.call('GET /images/get?all=no')) as { imagesList: string[] };
      assert.deepEqual(
        imagesList.map((line) => line.split(':').length),
        [5, 5],
      );
      const [repo, tag, hex] = imagesList[0]?.split(':') ?? [];
      assert.deepEqual([repo, tag, hex], ['made', 'v1', id.slice(7)]);
      assert.equal(
        await run.call('POST /images/remove?force=yes&imageId=made:v1&noprune=no'),
        json(200, { imagesList: [] }),
      );
      assertRefused(
        await run.call('POST /images/remove?force=yes&imageId=made:v1&noprune=no'),
        404,
        /made:v1/u,
      );
    });
  });

  it('log in, and are asked to when a pull is not allowed', async () => {
    const account = { ...ACCOUNT, email: 'a@example.org', serveraddress: bench.guarded.host };
    const headers = { 'X-Registry-Auth': Buffer.from(JSON.stringify(account)).toString('base64url') };
    const request = `POST /image/create?imageName=${encodeURIComponent(`${bench.guarded.host}/some/tool:v1`)}`;
    await hyper(async (run) => {
      assertRefused(await run.call(request), 401, /auth/u);
      assert.equal(await run.call('POST /auth', { body: account }), json(200, { Status: 'Login Succeeded' }));
      progressOf(await run.call(request, { headers }));
    });
  });

  it('read what the daemon says of itself', async () => {
    await hyper(async (run) => {
      await run04(run, 'one', IDLE);
      const info = bodyOf(await run.call('GET /info')) as Record<string, unknown>;
      assert.deepEqual([info['Images'], info['Containers'], info['Pods']], [1, 1, 1]);
      assertRefused(
        await run.call('POST /image/build?name=abcdefghij', { body: Buffer.alloc(1024) }),
        501,
        /build/u,
      );
      assertRefused(await run.call('POST /image/push?remote=me%2Fmade'), 501, /push/u);
    });
  });
});
