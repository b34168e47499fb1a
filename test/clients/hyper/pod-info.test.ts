import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, killPod, listed, removePod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, bodyOf, DIALECTS, done, json, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

type Status = { readonly startedAt?: string; readonly finishedAt?: string };
type Info = {
  readonly createdAt: number;
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
  readonly status: {
    readonly podIP?: readonly string[];
    readonly containerStatus: readonly {
      readonly name: string;
      readonly running: Status;
      readonly terminated: Status;
    }[];
  };
};

const infoText = async (pod: string): Promise<string> => tell(daemon, `GET /pod/info?podName=${pod}`);
const infoOf = async (pod: string): Promise<Info> => bodyOf(await infoText(pod)) as Info;

const idOf = async (name: string): Promise<string> =>
  (await listed(daemon, 'container')).find(([, found]) => found === name)?.[0] ?? '';

const vmOf = async (pod: string): Promise<string> =>
  (await listed(daemon, 'pod')).find(([id]) => id === pod)?.[2] ?? '';

const hostAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u;
const PATH = { env: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

const imageId = async (): Promise<string> =>
  (await daemon.client.json<{ Id: string }>('GET', '/images/busybox/json')).Id;

describe('what a pod says of itself', () => {
  const command = ['sh', '-c', 'exec cat'];
  const pod = {
    id: 'told',
    hostname: 'host',
    labels: { b: '2', a: '1' },
    resource: { vcpu: 1, memory: 64 },
    volumes: [{ name: 'data' }, { name: 'tmp', source: '/tmp', format: 'vfs' }],
    containers: [
      {
        name: 'told-c',
        image: 'busybox:latest',
        command,
        workdir: '/tmp',
        tty: true,
        labels: { own: 'yes' },
        envs: [
          { env: 'FULL', value: 'a=b' },
          { env: 'EMPTY', value: '' },
        ],
        volumes: [
          { path: '/data', volume: 'data' },
          { path: '/host', volume: 'tmp', readOnly: true },
        ],
      },
    ],
  };

  /** The whole document; members that are zero are not there. */
  const document = async (status: object, vm: object, info: Info): Promise<string> => {
    const containerID = await idOf('told-c');
    const [volume] = bodyVolumes(await infoText('told'));
    return json(200, {
      podID: 'told',
      kind: 'Pod',
      apiVersion: '1.17',
      ...vm,
      createdAt: info.createdAt,
      spec: {
        volumes: [
          { name: 'data', ...(volume?.source === undefined ? {} : { source: volume.source }), driver: 'vfs' },
          { name: 'tmp', source: '/tmp', driver: 'vfs' },
        ],
        containers: [
          {
            name: '/told-c',
            containerID,
            image: 'busybox:latest',
            imageID: await imageId(),
            workingDir: '/tmp',
            tty: true,
            commands: command,
            args: ['-c', 'exec cat'],
            env: [{ env: 'FULL', value: 'a=b' }, { env: 'EMPTY' }, PATH],
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'tmp', mountPath: '/host', readOnly: true },
              { name: 'etchosts-volume', mountPath: '/etc/hosts' },
            ],
            labels: { own: 'yes' },
          },
        ],
        labels: { b: '2', a: '1' },
        vcpu: 1,
        memory: 64,
      },
      status,
      podName: 'told',
    });
  };

  const bodyVolumes = (text: string): readonly { readonly source?: string }[] =>
    (bodyOf(text) as { spec: { volumes: { source?: string }[] } }).spec.volumes;

  const named = async (): Promise<{ name: string; containerID: string }> => ({
    name: 'told-c',
    containerID: await idOf('told-c'),
  });

  before(async () => {
    assert.equal(await tell(daemon, 'POST /pod/create', { body: pod }), done(201, 'told'));
  });
  after(async () => removePod(daemon, 'told'));

  it('before its start', async () => {
    const info = await infoOf('told');
    assert.equal(typeof info.createdAt, 'number');
    assert.match(info.status.podIP?.[0] ?? '', /^\d+\.\d+\.\d+\.\d+\/\d+$/u);
    const status = {
      phase: 'Running',
      hostIP: hostAddress(),
      podIP: info.status.podIP,
      containerStatus: [
        { ...(await named()), phase: 'pending', waiting: { reason: 'Pending' }, running: {}, terminated: {} },
      ],
    };
    assert.equal(await infoText('told'), await document(status, { vm: await vmOf('told') }, info));
  });

  it('while it runs', async () => {
    await tell(daemon, 'POST /pod/start?podId=told');
    const info = await infoOf('told');
    const { startedAt = '' } = info.status.containerStatus[0]?.running ?? {};
    assert.match(startedAt, TIME);
    const status = {
      phase: 'Running',
      hostIP: hostAddress(),
      podIP: info.status.podIP,
      containerStatus: [
        { ...(await named()), phase: 'running', waiting: {}, running: { startedAt }, terminated: {} },
      ],
    };
    assert.equal(await infoText('told'), await document(status, { vm: await vmOf('told') }, info));
    await tell(daemon, 'POST /pod/pause?podId=told');
    assert.match(await infoText('told'), /"phase":"Paused"/u);
    await tell(daemon, 'POST /pod/unpause?podId=told');
  });

  it('after its end', async () => {
    await killPod(daemon, 'told');
    const info = await infoOf('told');
    const { startedAt = '', finishedAt = '' } = info.status.containerStatus[0]?.terminated ?? {};
    assert.match(startedAt, TIME);
    assert.match(finishedAt, TIME);
    const terminated = { exitCode: 137, reason: 'Failed', startedAt, finishedAt };
    const status = {
      phase: 'Failed',
      hostIP: hostAddress(),
      containerStatus: [{ ...(await named()), phase: 'failed', waiting: {}, running: {}, terminated }],
    };
    assert.equal(await infoText('told'), await document(status, {}, info));
  });

  it('on its way up again, under whatever address it has then', async () => {
    await tell(daemon, 'POST /pod/start?podId=told');
    const { status } = await infoOf('told');
    assert.equal(status.podIP?.length, 1);
    assert.equal(status.containerStatus[0]?.terminated.finishedAt, undefined);
  });
});

describe('phases', () => {
  it('of what ended by itself follow its exit code, which is left out when it is 0', async () => {
    const member = (name: string, code: number): object => ({
      name,
      image: 'busybox',
      command: ['sh', '-c', `exit ${code}`],
    });
    await tell(daemon, 'POST /pod/create', {
      body: { id: 'ends', containers: [member('good', 0), member('ill', 3)] },
    });
    await tell(daemon, 'POST /pod/start?podId=ends');
    assert.equal(await tell(daemon, 'GET /exitcode?container=good'), json(200, 0));
    assert.equal(await tell(daemon, 'GET /exitcode?container=ill'), json(200, 3));
    // It stays: nobody stopped it.
    assert.match(await infoText('ends'), /"status":\{"phase":"Running"/u);
    const { status } = await infoOf('ends');
    const [good, ill] = status.containerStatus;
    assert.deepEqual(good, {
      name: 'good',
      containerID: await idOf('good'),
      phase: 'succeeded',
      waiting: {},
      running: {},
      terminated: { reason: 'Succeeded', ...timesOf(good) },
    });
    assert.deepEqual(ill, {
      name: 'ill',
      containerID: await idOf('ill'),
      phase: 'failed',
      waiting: {},
      running: {},
      terminated: { exitCode: 3, reason: 'Failed', ...timesOf(ill) },
    });
    await tell(daemon, 'POST /container/remove?container=ill');
    await tell(daemon, 'POST /pod/stop?podId=ends');
    assert.match(await infoText('ends'), /"status":\{"phase":"Succeeded"/u);
    await removePod(daemon, 'ends');
  });

  const timesOf = (one: Info['status']['containerStatus'][number] | undefined): Status => {
    const { startedAt = '', finishedAt = '' } = one?.terminated ?? {};
    return { startedAt, finishedAt };
  };
});

describe('generations', () => {
  it('are told addresses with a prefix length or without, and statuses of their own', async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'aged', containers: [] } });
    const [cidr = ''] = (await infoOf('aged')).status.podIP ?? [];
    for (const { age, at } of DIALECTS) {
      for (const word of ['podName', 'podId', 'pod']) {
        const [request, telling] = at(`GET /pod/info?${word}=aged`);
        const info = bodyOf(await tell(daemon, request, telling), age === 'legacy' ? 201 : 200) as Info;
        assert.deepEqual(info.status.podIP, [age === 'modern' ? cidr : cidr.split('/')[0]]);
        assert.deepEqual(info.spec, {});
      }
    }
    await removePod(daemon, 'aged');
  });
});

describe('labels', () => {
  const set = async (labels: object | string, more = ''): Promise<string> => {
    const text = typeof labels === 'string' ? labels : JSON.stringify(labels);
    return tell(daemon, `POST /pod/labels?podId=marked&labels=${encodeURIComponent(text)}${more}`);
  };
  const get = async (): Promise<unknown> => {
    const { spec } = bodyOf(await infoText('marked')) as { spec: { labels?: unknown } };
    return spec.labels;
  };

  before(async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'marked', containers: [] } });
  });
  after(async () => removePod(daemon, 'marked'));

  it('come together', async () => {
    assert.equal(await get(), undefined);
    assert.equal(await set({ a: '1' }), done(201, 'marked'));
    assert.equal(await set({ b: '2' }), done(201, 'marked'));
    assert.deepEqual(await get(), { a: '1', b: '2' });
    assert.equal(await set({}), done(201, 'marked'));
  });

  it('that are there are kept, and nothing else changes, unless they are to be replaced', async () => {
    for (const more of ['', '&override=false', '&override=no', '&override=', '&override=1'])
      assertRefused(await set({ c: '3', a: '9' }, more), 500, /label a/u);
    assert.deepEqual(await get(), { a: '1', b: '2' });
    for (const [word, value] of [
      ['true', '8'],
      ['yes', '9'],
    ]) {
      assert.equal(await set({ c: '3', a: value }, `&override=${word}`), done(201, 'marked'));
      assert.deepEqual(await get(), { a: value, b: '2', c: '3' });
    }
  });

  it('have to be JSON of texts', async () => {
    for (const bad of ['{', 'a=1', '[]', '{"a":1}', '']) assertRefused(await set(bad), 500, /./u);
    assert.deepEqual(await get(), { a: '9', b: '2', c: '3' });
  });

  it('come in a form too', async () => {
    const body = `podId=marked&override=yes&labels=${encodeURIComponent('{"a":"form"}')}`;
    const type = 'application/x-www-form-urlencoded';
    assert.equal(await tell(daemon, 'POST /pod/labels', { body, type }), done(201, 'marked'));
    assert.deepEqual(await get(), { a: 'form', b: '2', c: '3' });
  });
});

describe('stats', () => {
  const IO = ['service_bytes', 'serviced', 'queue', 'service_time', 'wait_time', 'merged', 'time'];
  const STATES = [
    'Established',
    'SynSent',
    'SynRecv',
    'FinWait1',
    'FinWait2',
    'TimeWait',
    'Close',
    'CloseWait',
    'LastAck',
    'Listen',
    'Closing',
  ];
  const COUNTERS = ['bytes', 'packets', 'errors', 'dropped'];

  type Use = Record<string, Record<string, unknown>>;

  const assertUse = (use: Use): void => {
    assert.deepEqual(Object.keys(use['cpu'] ?? {}), ['usage', 'load_average']);
    assert.deepEqual(Object.keys(use['cpu']?.['usage'] as object), [
      'total',
      'per_cpu_usage',
      'user',
      'system',
    ]);
    assert.deepEqual(Object.keys(use['block'] ?? {}), [
      ...IO.map((word) => `io_${word}_recursive`),
      'sectors_recursive',
    ]);
    assert.deepEqual(Object.keys(use['memory'] ?? {}), [
      'usage',
      'working_set',
      'failcnt',
      'container_data',
      'hierarchical_data',
    ]);
    for (const data of ['container_data', 'hierarchical_data'])
      assert.deepEqual(Object.keys(use['memory']?.[data] as object), ['pgfault', 'pgmajfault']);
    assert.equal(use['memory']?.['failcnt'], 0);
    assert.deepEqual(Object.keys(use['network'] ?? {}), ['interfaces', 'tcp', 'tcp6']);
    for (const protocol of ['tcp', 'tcp6'])
      assert.deepEqual(Object.keys(use['network']?.[protocol] as object), STATES);
    const [eth0] = use['network']?.['interfaces'] as Record<string, unknown>[];
    assert.deepEqual(Object.keys(eth0 ?? {}), [
      'name',
      ...['rx', 'tx'].flatMap((way) => COUNTERS.map((counter) => `${way}_${counter}`)),
    ]);
    assert.equal(eth0?.['name'], 'eth0');
    assert.equal(eth0['rx_errors'], 0);
    assert.ok(Array.isArray(use['filesystem']));
    assert.match(String(use['timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/u);
  };

  const SECTIONS = ['cpu', 'block', 'memory', 'network', 'filesystem', 'timestamp'];

  it('have every number, zero or not', async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'used', containers: [idle('used-c')] } });
    await tell(daemon, 'POST /pod/start?podId=used');
    for (const word of ['podId', 'podName', 'pod']) {
      const stats = bodyOf(await tell(daemon, `GET /pod/stats?${word}=used`)) as Use;
      assert.deepEqual(Object.keys(stats), [...SECTIONS, 'container_stats']);
      assertUse(stats);
      assert.ok(Number(stats['memory']?.['usage']) > 0);
      const [own, ...others] = stats['container_stats'] as unknown as (Use & { id: string })[];
      assert.deepEqual(others, []);
      assert.deepEqual(Object.keys(own ?? {}), ['id', ...SECTIONS]);
      assert.equal(own?.id, await idOf('used-c'));
      assertUse(own);
    }
    await killPod(daemon, 'used');
    assertRefused(await tell(daemon, 'GET /pod/stats?podId=used'), 500, /not running/u);
    await removePod(daemon, 'used');
  });
});
