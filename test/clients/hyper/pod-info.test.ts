import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { killPod, listed, removePod } from '#test/support/hyper/pod-client.ts';
import { bodyOf, DIALECTS, done, json, tell } from '#test/support/hyper/transcript.ts';

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
