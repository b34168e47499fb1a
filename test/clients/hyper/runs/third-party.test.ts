import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { containerOf, idOf, linesOf, podOf } from '#test/support/hyper/answers.ts';
import { ClientRun } from '#test/support/hyper/client-run.ts';
import type { ClientKind } from '#test/support/hyper/client-run.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { flaggedContainer, hyperctl, IDLE } from '#test/support/hyper/hyperctl.ts';
import { ImageBench } from '#test/support/hyper/image-bench.ts';
import { hear } from '#test/support/hyper/pod-client.ts';
import { progressOf } from '#test/support/hyper/progress.ts';
import { byKind, finish, readFrames, take } from '#test/support/hyper/taken.ts';
import { assertRefused, bodyOf, done, json } from '#test/support/hyper/transcript.ts';
import { until } from '#test/support/clients/until.ts';

/** Clients that others wrote: none has a version in its paths, and each reads answers in a way of its own (hyperd-api 5). */

let bench: ImageBench;
before(async () => (bench = await ImageBench.start()));
after(async () => bench[Symbol.asyncDispose]());
afterEach(async () => {
  await clear(bench.daemon);
  await bench.remove(bench.image.id, '&force=yes');
});

const bare = (agent: string, host = 'localhost'): ClientKind => ({
  prefix: '',
  hijackPrefix: '',
  agent,
  host,
});

const as = async <T>(kind: ClientKind, work: (run: ClientRun) => Promise<T>): Promise<T> => {
  using run = new ClientRun(bench.daemon, kind);
  return await work(run);
};

/** Hears nothing else until it says so. */
const AT_ONCE = { StopSignal: 'KILL' };

/** Says its name to all that come. */
const herald = (name: string): object =>
  flaggedContainer(name, `while :; do echo ${name} | nc -l -p 7000; done`, AT_ONCE);

describe('a hosting daemon in TypeScript', () => {
  const KIND = bare('node-fetch/1.0');
  const LATIN = { type: 'application/json; charset=utf-8' };

  it('pulls, creates, starts, asks for the address, and removes', async () => {
    const image = `${bench.open.host}/some/tool:v1`;
    await as(KIND, async (run) => {
      progressOf(await run.call(`POST /image/create?imageName=${encodeURIComponent(image)}`));
      const body = { id: 'site-1', resource: { vcpu: 1, memory: 64 }, containers: [herald('site-1')] };
      assert.equal(await run.call('POST /pod/create', { body, ...LATIN }), done(201, 'site-1'));
      assert.equal(await run.call('POST /pod/start?podId=site-1'), json(200, {}));
      const { status } = podOf(await run.call('GET /pod/info?podName=site-1'));
      const [address = '', bits] = status.podIP?.[0]?.split('/') ?? [];
      assert.match(bits ?? '', /^\d+$/u);
      await until(async () => (await hear(address, 7000)) === 'site-1', 'the site answers');
      const { Code } = bodyOf(await run.call('DELETE /pod?podId=site-1')) as { Code: unknown };
      assert.equal(Code, 0);
      assertRefused(await run.call('GET /pod/info?podName=site-1'), 500, /site-1/u);
      assertRefused(await run.call('DELETE /pod?podId=site-1'), 500, /site-1/u);
    });
  });

  it('runs what must be done once by hyperctl run --rm -p', async () => {
    await hyperctl(bench.daemon, async (run) => {
      const task = { id: 'task', containers: [flaggedContainer('task', 'echo done; exit 2')] };
      assert.equal(await run.call('POST /pod/create', { body: task }), done(201, 'task'));
      podOf(await run.call('GET /pod/info?podName=task'));
      const [wire, started] = await Promise.all([
        run.hijack('/attach?container=task'),
        run.call('POST /pod/start?podId=task&vmId='),
      ]);
      assert.equal(started, json(200, {}));
      assert.deepEqual(readFrames(await finish(wire)), [[1, 'done\n']]);
      assert.equal(await run.call('GET /exitcode?container=task&exec='), json(200, 2));
      assert.equal(await run.call('DELETE /pod?podId=task'), done(200, 'task'));
    });
  });
});

describe('a client for Node', () => {
  const KIND = bare('', 'unix');

  it('insists on 201 of every list, and on five parts of every image', async () => {
    await as(KIND, async (run) => {
      for (const item of ['pod', 'container', 'vm'] as const)
        assert.deepEqual(linesOf(await run.call(`GET /list?item=${item}`), 201), []);
      const body = { id: 'node', containers: [flaggedContainer('node', IDLE, AT_ONCE)] };
      const pod = idOf(await run.call('POST /pod/create', { body }), 201);
      await run.call(`POST /pod/start?podId=${pod}`);
      for (const [item, parts] of [
        ['pod', 4],
        ['container', 4],
        ['vm', 3],
      ] as const)
        for (const line of linesOf(await run.call(`GET /list?item=${item}`), 201))
          assert.equal(line.split(':').length, parts, line);
      const { imagesList } = bodyOf(await run.call('GET /images/get')) as { imagesList: string[] };
      for (const line of imagesList) {
        const [repo, tag, id, made, size, ...more] = line.split(':');
        assert.deepEqual([repo, tag, more], ['busybox', 'latest', []]);
        assert.match(id ?? '', /^[0-9a-f]{64}$/u);
        assert.ok(Number(made) > 0 && Number(size) > 0, line);
      }
    });
  });
});

describe('a kit for Python', () => {
  it('creates, lists and removes', async () => {
    await as(bare('python-requests/2.9.1'), async (run) => {
      const body = {
        id: 'py',
        containers: [{ name: 'py-c', image: 'busybox', command: ['sh', '-c', IDLE] }],
      };
      assert.equal(await run.call('POST /pod/create', { body }), done(201, 'py'));
      const [line = ''] = linesOf(await run.call('GET /list?item=pod'));
      assert.match(line, /^py:py:vm-[A-Za-z]{10}:running$/u);
      assert.equal(await run.call('DELETE /pod?podId=py'), done(200, 'py'));
      assert.deepEqual(linesOf(await run.call('GET /list?item=pod')), []);
    });
  });
});

describe('Kubernetes', () => {
  const KIND = bare('kubelet', '/var/run/hyper.sock');

  /** Names of its containers are long, with a slash before them in all that it asks. */
  const NAME = 'k8s_web.1234abcd_web_default_0123-4567_89ab';
  const SIDE = 'k8s_side.1234abcd_web_default_0123-4567_89ab';

  /** Volumes have a driver, services small letters, and nothing is left out. */
  const spec = (): object => ({
    id: 'kube_web_default',
    hostname: 'web',
    type: 'kubernetes',
    labels: { UID: '0123-4567' },
    resource: { vcpu: 1, memory: 64 },
    tty: false,
    restartPolicy: 'never',
    containers: [
      {
        name: NAME,
        image: 'busybox',
        workdir: '/tmp',
        tty: false,
        command: [
          'sh',
          '-c',
          'echo kept > /data/new; mv /data/new /data/file; pwd; while read line; do echo "<$line>"; done; exit 5',
        ],
        entrypoint: [],
        ports: [],
        envs: [{ env: 'A', value: 'b' }],
        files: [{ path: '/etc/', filename: 'resolv.conf', perm: '0644' }],
        volumes: [{ path: '/data', volume: 'data', readOnly: false }],
        restartPolicy: 'never',
        ...AT_ONCE,
      },
      {
        name: SIDE,
        image: 'busybox',
        workdir: '',
        tty: false,
        command: ['sh', '-c', IDLE],
        volumes: [{ path: '/data', volume: 'data', readOnly: true }],
        ...AT_ONCE,
      },
    ],
    volumes: [{ name: 'data', source: '', driver: '' }],
    files: [{ name: 'resolv.conf', encoding: 'raw', uri: '', content: 'nameserver 192.0.2.53\n' }],
    interfaces: null,
    services: [
      {
        serviceip: '198.51.100.7',
        serviceport: 80,
        protocol: 'TCP',
        hosts: [{ hostip: '192.0.2.9', hostport: 8080 }],
      },
    ],
  });

  const version = async (run: ClientRun): Promise<void> => {
    const { Version } = bodyOf(await run.call('GET /version')) as { Version: string };
    assert.match(Version, /^\d+\.\d+\.\d+/u);
  };

  const make = async (run: ClientRun): Promise<string> => {
    const pod = idOf(await run.call('POST /pod/create', { body: spec() }), 201);
    assert.equal(await run.call(`POST /pod/start?podId=${pod}`), json(200, {}));
    return pod;
  };

  it('makes a pod, finds its state by lists and infos, and takes it away', async () => {
    await as(KIND, async (run) => {
      await version(run);
      const pod = await make(run);
      assert.equal(pod, 'kube_web_default');
      const [line = ''] = linesOf(await run.call('GET /list?item=pod'));
      const [id, name, vm, word] = line.split(':');
      assert.deepEqual([id, name, word], [pod, pod, 'running']);
      assert.match(vm ?? '', /^vm-/u);
      // It cuts the first letter of each.
      const lines = linesOf(await run.call('GET /list?item=container'));
      assert.deepEqual(
        lines.map((one) => one.split(':').slice(1)),
        [
          [`/${NAME}`, pod, 'running'],
          [`/${SIDE}`, pod, 'running'],
        ],
      );
      const info = podOf(await run.call(`GET /pod/info?podName=${pod}`));
      assert.deepEqual(
        [info.podID, info.podName, info.status.phase, info.spec.containers.map((one) => one.name)],
        [pod, pod, 'Running', [`/${NAME}`, `/${SIDE}`]],
      );
      const { container, status } = containerOf(
        await run.call(`GET /container/info?container=${info.spec.containers[0]?.containerID}`),
      );
      assert.deepEqual([container.name, status.phase], [`/${NAME}`, 'running']);
      const [service] = bodyOf(await run.call(`GET /service/list?podId=${pod}`)) as object[];
      assert.deepEqual(service, {
        serviceIP: '198.51.100.7',
        servicePort: 80,
        protocol: 'TCP',
        hosts: [{ hostIP: '192.0.2.9', hostPort: 8080 }],
      });
      // Its own spelling; without a version in the path any code but 0 is news to newer clients.
      assert.equal(await run.call(`POST /pod/stop?podId=${pod}&stopVM=yes`), done(200, pod));
      assert.equal(await run.call(`DELETE /pod?podId=${pod}`), done(200, pod));
      assert.deepEqual(linesOf(await run.call('GET /list?item=container')), []);
    });
  });

  it('execs and attaches by type, value and a tag of its own, and asks for the code by the tag', async () => {
    await as(KIND, async (run) => {
      await make(run);
      const words = encodeURIComponent(
        JSON.stringify([
          'sh',
          '-c',
          'until cat /data/file; do sleep 0.05; done 2>/dev/null; cat; echo err >&2; exit 9',
        ]),
      );
      const target = `type=container&value=%2F${SIDE}`;
      const wire = await take(bench.daemon, `/exec?command=${words}&tag=k8sExec1&${target}`, {
        early: 'in\n',
      });
      assert.deepEqual(byKind(readFrames(await finish(wire))), [
        [1, 'kept\nin\n'],
        [2, 'err\n'],
      ]);
      assert.equal(await run.call(`GET /exitcode?container=%2F${SIDE}&tag=k8sExec1`), json(200, 9));
      const attached = await take(
        bench.daemon,
        `/attach?remove=false&tag=k8sAtt01&type=container&value=%2F${NAME}`,
      );
      await attached.send('hello\n');
      await attached.until('<hello>\n');
      await finish(attached);
      assert.equal(await run.call(`GET /exitcode?container=%2F${NAME}`), json(200, 5));
    });
  });

  it('reads logs by the name with a slash', async () => {
    await as(KIND, async (run) => {
      await make(run);
      const query = `container=%2F${NAME}&follow=no&since=0&stderr=yes&stdout=yes&tail=&timestamps=no`;
      await until(
        async () => (await run.call(`GET /container/logs?${query}`)).includes('/tmp\n'),
        'it has begun',
      );
    });
  });

  it('pulls, lists and removes images', async () => {
    const image = `${bench.open.host}/some/tool`;
    await as(KIND, async (run) => {
      const header = Buffer.from(JSON.stringify({})).toString('base64url');
      const pull = `POST /image/create?imageName=${encodeURIComponent(`${image}:v1`)}`;
      progressOf(await run.call(pull, { headers: { 'X-Registry-Auth': header } }));
      const { imagesList } = bodyOf(await run.call('GET /images/get?all=no')) as { imagesList: string[] };
      assert.ok(imagesList[0]?.startsWith(`${image}:v1:`));
      const removed = await run.call(`DELETE /images?imageId=${encodeURIComponent(`${image}:v1`)}`);
      assert.match(removed, /\{"untaged":"[^"]+"\}/u);
    });
  });
});
