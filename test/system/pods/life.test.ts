import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Container } from '#domain/container/container.ts';
import { until } from '#test/support/clients/until.ts';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod, shell } from '#test/support/pods/spec.ts';

let engine: PodEngine;
before(async () => (engine = await PodEngine.start()));
after(async () => engine[Symbol.asyncDispose]());

const members = async (id: string): Promise<readonly Container[]> =>
  (await engine.pods.inspect(id)).containers;

const namespacesOf = async (ref: string): Promise<Record<string, string>> => {
  const { output } = await engine.extras.exec(ref, ['ls', '-l', '/proc/self/ns']);
  return Object.fromEntries(
    [...output.matchAll(/(\w+):\[(\d+)\]/g)].map(([, kind = '', id = '']) => [kind, id]),
  );
};

describe('a pod', () => {
  it('is created with its sandbox, its containers waiting, and runs when started', async () => {
    const { id } = await engine.pods.create(pod({ containers: [container(), container()] }), { boot: true });
    assert.match(id, /^pod-[A-Za-z]{10}$/);
    const made = await engine.pods.inspect(id);
    assert.equal(made.pod.status, 'running');
    assert.match(made.pod.endpoints[0]?.ipAddress ?? '', /^10\.\d+\./);
    assert.deepEqual(
      made.containers.map(({ state }) => state.status),
      ['created', 'created'],
    );
    await engine.pods.start(id, {});
    assert.deepEqual(
      (await members(id)).map(({ state }) => state.status),
      ['running', 'running'],
    );
    await engine.pods.start(id, {});
    await engine.pods.remove(id, { timeoutSeconds: 0 });
    await assert.rejects(engine.pods.get(id), { code: 'pod.not-found', kind: 'not-found' });
  });

  it('shares network, IPC, host name and /dev/shm; processes and mounts are a container’s own', async () => {
    const spec = pod({ id: 'shared', hostname: 'inside', containers: [container(), container()] });
    await engine.pods.create(spec, { boot: false });
    assert.equal((await engine.pods.get('shared')).status, 'created');
    await engine.pods.start('shared', {});
    const [one, two] = await members('shared');
    const [first, second] = await Promise.all([namespacesOf(one?.id ?? ''), namespacesOf(two?.id ?? '')]);
    for (const kind of ['net', 'ipc', 'uts']) assert.equal(first[kind], second[kind], kind);
    for (const kind of ['pid', 'mnt']) assert.notEqual(first[kind], second[kind], kind);
    await engine.extras.exec(one?.id ?? '', ['sh', '-c', 'echo there > /dev/shm/note']);
    assert.equal((await engine.extras.exec(two?.id ?? '', ['cat', '/dev/shm/note'])).output, 'there\n');
    assert.equal((await engine.extras.exec(two?.id ?? '', ['hostname'])).output, 'inside\n');
    const { output: hosts } = await engine.extras.exec(two?.id ?? '', ['cat', '/etc/hosts']);
    assert.match(hosts, /^10\.\d+\.\d+\.\d+\tinside$/m);
    await engine.pods.remove('shared', { timeoutSeconds: 0 });
  });

  it('shares processes when asked to', async () => {
    const spec = pod({ id: 'family', sharesProcesses: true, containers: [container(), container()] });
    await engine.pods.create(spec, { boot: true });
    await engine.pods.start('family', {});
    const [one, two] = await members('family');
    assert.equal((await namespacesOf(one?.id ?? ''))['pid'], (await namespacesOf(two?.id ?? ''))['pid']);
    await engine.pods.remove('family', { timeoutSeconds: 0 });
  });

  it('keeps ids, roots and volumes over stop and start, in a new sandbox', async () => {
    const spec = pod({
      id: 'again',
      volumes: [{ name: 'data', kind: 'empty', source: '' }],
      containers: [
        shell('echo x >> /data/count; echo x >> /count; sleep 1000', {
          volumes: [{ path: '/data', volume: 'data', readOnly: false }],
        }),
      ],
    });
    await engine.pods.create(spec, { boot: true });
    await engine.pods.start('again', {});
    const earlier = await engine.pods.inspect('again');
    const id = earlier.containers[0]?.id ?? '';
    await assertCount(id, '/count', 1);
    await engine.pods.stop('again', { timeoutSeconds: 0 });
    const rest = await engine.pods.inspect('again');
    assert.deepEqual([rest.pod.status, rest.pod.sandboxId, rest.pod.endpoints.length], ['stopped', '', 0]);
    assert.deepEqual([rest.containers[0]?.state.status, rest.containers[0]?.state.exitCode], ['exited', 137]);
    await assert.rejects(engine.pods.stop('again', {}), { code: 'pod.already-stopped', kind: 'unchanged' });
    await assert.rejects(engine.containers.start(id, {}), { code: 'pod.not-running', kind: 'conflict' });
    await engine.pods.restart('again', {});
    const now = await engine.pods.inspect('again');
    assert.equal(now.containers[0]?.id, id);
    assert.notEqual(now.pod.sandboxId, earlier.pod.sandboxId);
    await assertCount(id, '/count', 2);
    await assertCount(id, '/data/count', 2);
    await engine.pods.remove('again', { timeoutSeconds: 0 });
    assert.equal(existsSync(`${engine.folder}/data/pods/again`), false);
  });

  it('stays when its containers have ended, or ends with them, or goes', async () => {
    const endings = ['keep', 'stop', 'remove'] as const;
    for (const whenAllEnded of endings) {
      const spec = pod({
        id: `ends-${whenAllEnded}`,
        whenAllEnded,
        containers: [shell('exit 3'), shell('exit 0')],
      });
      await engine.pods.create(spec, { boot: false });
      await engine.pods.start(`ends-${whenAllEnded}`, {});
    }
    await until(async () => (await engine.pods.get('ends-stop')).status === 'stopped', 'its stop');
    await until(
      async () => !(await engine.pods.list()).some(({ id }) => id === 'ends-remove'),
      'its removal',
    );
    const [first] = await members('ends-keep');
    await engine.extras.wait(first?.id ?? '');
    assert.equal((await engine.pods.get('ends-keep')).status, 'running');
    assert.equal((await members('ends-stop'))[0]?.state.exitCode, 3);
    for (const id of ['ends-keep', 'ends-stop']) await engine.pods.remove(id, { timeoutSeconds: 0 });
  });

  it('restarts containers where they ask for it, until it is stopped', async () => {
    const spec = pod({
      id: 'eager',
      containers: [
        shell('exit 1', { name: 'twice', restartPolicy: { name: 'on-failure', maximumRetryCount: 2 } }),
        shell('exit 0', { name: 'ever', restartPolicy: { name: 'always', maximumRetryCount: 0 } }),
        shell('exit 1', { name: 'once' }),
      ],
    });
    await engine.pods.create(spec, { boot: true });
    await engine.pods.start('eager', {});
    const look = async (name: string): Promise<Container> => engine.containers.get(name);
    await until(async () => (await look('twice')).state.status === 'exited', 'the last try');
    assert.equal((await look('twice')).restartCount, 2);
    await until(async () => (await look('ever')).restartCount > 1, 'more than one restart');
    await until(async () => (await look('once')).state.status === 'exited', 'the end');
    assert.equal((await look('once')).restartCount, 0);
    await engine.pods.stop('eager', { timeoutSeconds: 0 });
    assert.ok((await members('eager')).every(({ state }) => state.status === 'exited'));
    assert.equal((await engine.pods.get('eager')).status, 'stopped');
    await engine.pods.remove('eager', {});
  });

  it('is paused and goes on', async () => {
    await engine.pods.create(pod({ id: 'still', containers: [container(), container()] }), { boot: true });
    await engine.pods.start('still', {});
    await engine.pods.pause('still');
    assert.deepEqual(
      (await members('still')).map(({ state }) => state.status),
      ['paused', 'paused'],
    );
    await assert.rejects(engine.pods.pause('still'), { code: 'pod.already-paused' });
    await assert.rejects(engine.pods.start('still', {}), { code: 'pod.paused' });
    await engine.pods.unpause('still');
    assert.deepEqual(
      (await members('still')).map(({ state }) => state.status),
      ['running', 'running'],
    );
    await assert.rejects(engine.pods.unpause('still'), { code: 'pod.not-paused' });
    await engine.pods.pause('still');
    await engine.pods.remove('still', { timeoutSeconds: 0 });
  });

  it('hears signals as a whole or one by one; SIGKILL takes the ground away', async () => {
    const trap = shell('trap "exit 7" USR1; touch /listening; while :; do sleep 0.1; done');
    const listen = async (ref = ''): Promise<unknown> =>
      until(async () => (await engine.extras.exec(ref, ['rm', '/listening'])).exitCode === 0, 'the trap');
    await engine.pods.create(pod({ id: 'hit', containers: [trap, trap] }), { boot: true });
    await engine.pods.start('hit', {});
    const [one, two] = await members('hit');
    await Promise.all([listen(one?.id), listen(two?.id)]);
    await engine.pods.kill('hit', { signal: 'USR1', container: one?.name ?? '' });
    assert.equal((await engine.extras.wait(one?.id ?? '')).exitCode, 7);
    assert.equal((await members('hit'))[1]?.state.status, 'running');
    await engine.pods.kill('hit', { signal: '10' });
    assert.equal((await engine.extras.wait(two?.id ?? '')).exitCode, 7);
    await engine.pods.start('hit', {});
    await engine.pods.kill('hit', { signal: '9' });
    assert.equal((await engine.pods.get('hit')).status, 'stopped');
    await engine.pods.remove('hit', {});
  });

  it('takes containers in and lets them go while it runs', async () => {
    await engine.pods.create(pod({ id: 'open' }), { boot: true });
    await engine.pods.start('open', {});
    const { id } = await engine.pods.addContainer('open', shell('sleep 1000', { name: 'guest' }));
    assert.deepEqual(
      (await members('open')).map(({ state }) => state.status),
      ['running', 'created'],
    );
    await engine.pods.startContainer('guest');
    await engine.pods.startContainer('guest');
    assert.equal((await engine.containers.get(id)).state.status, 'running');
    await engine.pods.stopContainer('guest', { timeoutSeconds: 0 });
    await engine.pods.stopContainer('guest', {});
    assert.equal((await engine.containers.get(id)).state.status, 'exited');
    await engine.pods.startContainer('guest');
    await engine.pods.removeContainer('guest', { timeoutSeconds: 0 });
    assert.equal((await members('open')).length, 1);
    assert.equal((await engine.pods.get('open')).status, 'running');
    await engine.pods.stop('open', { timeoutSeconds: 0 });
    await assert.rejects(engine.pods.addContainer('open', container()), { code: 'pod.not-running' });
    await engine.pods.remove('open', {});
  });

  it('has labels that are only replaced on request', async () => {
    await engine.pods.create(pod({ id: 'tagged', labels: { a: '1' } }), { boot: false });
    await assert.rejects(engine.pods.setLabels('tagged', { b: '2', a: '3' }, false), {
      code: 'pod.label-exists',
      params: { label: 'a' },
    });
    assert.deepEqual((await engine.pods.get('tagged')).spec.labels, { a: '1' });
    await engine.pods.setLabels('tagged', { b: '2', a: '3' }, true);
    assert.deepEqual((await engine.pods.get('tagged')).spec.labels, { a: '3', b: '2' });
    await engine.pods.remove('tagged', {});
  });
});

describe('a daemon that leaves', () => {
  it('leaves pods running, or takes them to rest when told to', async () => {
    for (const args of [[], ['--stop-containers-on-exit']]) {
      await using other = await PodEngine.start({ args });
      const quick = container({ stopSignal: 'KILL' });
      await other.pods.create(pod({ id: 'left', containers: [quick, quick] }), { boot: true });
      await other.pods.start('left', {});
      await other.stop();
      await other.boot();
      assert.deepEqual(await other.extras.recovered(), []);
      const { pod: left, containers } = await other.pods.inspect('left');
      assert.equal(left.status, args.length === 0 ? 'running' : 'stopped');
      const statuses = new Set(containers.map(({ state }) => state.status));
      assert.deepEqual([...statuses], [args.length === 0 ? 'running' : 'exited']);
      await other.pods.restart('left', { timeoutSeconds: 0 });
    }
  });
});

describe('a create that fails leaves nothing, and its names are free', () => {
  const nothing = async (): Promise<void> => {
    assert.deepEqual(await engine.pods.list(), []);
    assert.deepEqual(await engine.containers.list(), []);
    assert.deepEqual(await engine.sandboxes.list(), []);
  };

  it('an image that is missing', async () => {
    const spec = pod({
      id: 'half',
      containers: [container({ name: 'good' }), container({ image: 'nowhere' })],
    });
    await assert.rejects(engine.pods.create(spec, { boot: true }), {
      code: 'image.not-found',
      kind: 'not-found',
    });
    await nothing();
  });

  it('a port that is taken, a source that is missing', async () => {
    const ports = [{ containerPort: '80', hostPort: '18081', protocol: 'tcp' as const }];
    await engine.pods.create(pod({ id: 'first', portMappings: ports }), { boot: true });
    const second = pod({ id: 'half', containers: [container({ name: 'good' })], portMappings: ports });
    await assert.rejects(engine.pods.create(second, { boot: true }), { kind: 'conflict' });
    await engine.pods.remove('first', { timeoutSeconds: 0 });
    await nothing();
    const volumes = [{ name: 'v', kind: 'host' as const, source: '/no/such/place' }];
    await assert.rejects(engine.pods.create({ ...second, volumes }, { boot: true }), {
      code: 'pod.volume-source',
    });
    await nothing();
    await engine.pods.create(second, { boot: true });
    await assert.rejects(engine.pods.create(second, { boot: true }), { code: 'pod.exists', kind: 'exists' });
    const other = pod({ id: 'other', containers: [container({ name: 'good' })] });
    await assert.rejects(engine.pods.create(other, { boot: true }), { code: 'container.name-in-use' });
    await engine.pods.remove('half', { timeoutSeconds: 0 });
    await nothing();
  });

  it('a start that fails leaves the pod at rest', async () => {
    const spec = pod({ id: 'bad', containers: [container(), container({ command: ['/no/such/program'] })] });
    await engine.pods.create(spec, { boot: false });
    await assert.rejects(engine.pods.start('bad', {}), { code: 'pod.start-failed' });
    const { pod: rest, containers } = await engine.pods.inspect('bad');
    assert.equal(rest.status, 'created');
    assert.equal(rest.sandboxId, '');
    assert.ok(containers.every(({ state }) => state.status !== 'running'));
    await engine.pods.remove('bad', {});
    await nothing();
  });

  it('isolation that there is not', async () => {
    await assert.rejects(engine.pods.create(pod({ isolation: 'vm' }), { boot: true }), {
      code: 'pod.isolation',
      kind: 'unsupported',
    });
  });
});

const assertCount = async (id: string, path: string, count: number): Promise<unknown> =>
  until(async () => (await engine.extras.exec(id, ['cat', path])).output === 'x\n'.repeat(count), path);
