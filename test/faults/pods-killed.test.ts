import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { hasProcess } from '#domain/container/lifecycle.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { PodSpec } from '#domain/pod/spec.ts';
import { until } from '#test/support/clients/until.ts';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod } from '#test/support/pods/spec.ts';

/** kill -9 of the daemon at many moments of what is done to a pod: afterwards it is whole or gone. */

let engine: PodEngine;
before(async () => (engine = await PodEngine.start()));
after(async () => engine[Symbol.asyncDispose]());

/** Milliseconds from the request to the kill; on any machine they fall on different steps. */
const MOMENTS = [0, 4, 10, 18, 30, 45, 70, 110];
const base = 31_000 + (process.pid % 1000);

const file = { name: 'note', encoding: 'raw', content: 'injected', uri: '' } as const;
const withFile = { files: [{ path: '/note', file: 'note', permissions: '', user: '', group: '' }] };

const victim = (change: Partial<PodSpec> = {}): PodSpec =>
  pod({
    id: 'victim',
    resources: { cpus: 1, memoryBytes: 128 * 1024 * 1024 },
    volumes: [{ name: 'data', kind: 'empty', source: '' }],
    files: [file],
    portMappings: [{ containerPort: '80', hostPort: String(base), protocol: 'tcp' }],
    containers: ['one', 'two', 'three'].map((name) =>
      container({ name, ...withFile, volumes: [{ path: '/data', volume: 'data', readOnly: false }] }),
    ),
    ...change,
  });

/** Asks for it, kills the daemon a moment later, and starts the next one. */
const cutOff = async (moment: number, work: () => Promise<unknown>): Promise<void> => {
  const doing = work().catch(() => undefined);
  await pause(moment);
  await engine.reborn();
  await doing;
};

/** Checks that everything said of the pods is so, and answers the one there is. */
const verify = async (): Promise<Pod | undefined> => {
  const pods = await engine.pods.list();
  assert.ok(pods.length <= 1);
  const containers = await engine.containers.list();
  const found = pods[0];
  if (found === undefined) {
    assert.deepEqual(containers, []);
    await nothingLeft();
    return undefined;
  }
  assert.ok(['created', 'running', 'stopped', 'paused'].includes(found.status), found.status);
  assert.deepEqual(
    containers.map(({ id }) => id).toSorted(),
    found.containers.map(({ id }) => id).toSorted(),
  );
  const isUp = found.status === 'running' || found.status === 'paused';
  assert.equal(found.sandboxId !== '', isUp);
  assert.deepEqual(readdirSync(`${engine.execRoot}/sandboxes`), isUp ? [found.sandboxId] : []);
  assert.equal((await engine.sandboxes.list()).length, isUp ? 1 : 0);
  assert.deepEqual(
    found.published.map(({ mapping }) => mapping),
    isUp ? found.spec.portMappings : [],
  );
  for (const { ports } of found.published) assert.ok(ports.length > 0);
  for (const one of containers) {
    const isRunning = hasProcess(one.state.status);
    if (!isUp) assert.ok(!isRunning);
    if (isRunning && found.status === 'running')
      assert.equal((await engine.extras.exec(one.id, ['cat', '/note'])).output, 'injected');
  }
  return found;
};

const running = async (): Promise<number> =>
  (await engine.containers.list()).filter(({ state }) => hasProcess(state.status)).length;

const nothingLeft = async (): Promise<void> => {
  const tag = await engine.tag;
  assert.deepEqual(readdirSync(`${engine.execRoot}/sandboxes`), []);
  const folder = `${engine.folder}/data/pods`;
  if (existsSync(folder)) assert.deepEqual(readdirSync(folder), []);
  for (const controller of ['memory', 'cpu', 'pids', 'unified', '.']) {
    const group = `/sys/fs/cgroup/${controller}/gantry-${tag}`;
    if (existsSync(group))
      assert.deepEqual(
        readdirSync(group).filter((name) => name.startsWith('pod.')),
        [],
      );
  }
  await until(
    () => !execFileSync('ip', ['-d', 'link'], { encoding: 'utf8' }).includes(`gantry:${tag}:`),
    'links gone',
  );
  const table = execFileSync('nft', ['list', 'table', 'inet', `gantry_${tag}`], { encoding: 'utf8' });
  assert.ok(!table.includes('sandbox-'));
};

/** Whatever was left of it, it goes, and its names are free. */
const clear = async (): Promise<void> => {
  for (const { id } of await engine.pods.list()) await engine.pods.remove(id, { timeoutSeconds: 0 });
  await nothingLeft();
};

const up = async (): Promise<void> => {
  await engine.pods.create(victim(), { boot: true });
  await engine.pods.start('victim', {});
};

describe('a daemon killed', () => {
  it('while it creates a pod', async () => {
    for (const moment of MOMENTS) {
      await cutOff(moment, async () => engine.pods.create(victim(), { boot: true }));
      const found = await verify();
      if (found !== undefined) assert.equal(found.containers.length, 3);
      else await engine.pods.create(victim(), { boot: true });
      await clear();
    }
  });

  it('while it starts a pod that stands, or one that does not', async () => {
    for (const moment of MOMENTS) {
      const boot = moment % 20 !== 10;
      await engine.pods.create(victim(), { boot });
      await cutOff(moment, async () => engine.pods.start('victim', {}));
      const found = await verify();
      const count = await running();
      assert.ok(count === 0 || count === 3, `${count} of 3 run`);
      if (count === 3) assert.equal(found?.status, 'running');
      await engine.pods.start('victim', {}).catch(() => undefined);
      assert.equal(await running(), 3);
      await clear();
    }
  });

  it('while it stops a pod', async () => {
    for (const moment of MOMENTS) {
      await up();
      await cutOff(moment, async () => engine.pods.stop('victim', { timeoutSeconds: 0 }));
      const found = await verify();
      assert.equal(await running(), found?.status === 'stopped' ? 0 : 3);
      await engine.pods.restart('victim', { timeoutSeconds: 0 });
      assert.equal(await running(), 3);
      await clear();
    }
  });

  it('while it removes or pauses a pod', async () => {
    for (const moment of MOMENTS.slice(0, 6)) {
      await up();
      await cutOff(moment, async () => engine.pods.remove('victim', { timeoutSeconds: 0 }));
      if ((await verify()) !== undefined) await clear();
      await up();
      await cutOff(moment, async () => engine.pods.pause('victim'));
      const paused = await verify();
      const states = (await engine.containers.list()).map(({ state }) => state.status);
      assert.ok(
        states.every((status) => status === paused?.status),
        `${paused?.status}: ${states.join()}`,
      );
      await clear();
    }
  });

  it('while it changes ports', async () => {
    await up();
    const mapping = (offset: number): PodSpec['portMappings'][number] => ({
      containerPort: String(1000 + offset),
      hostPort: String(base + offset),
      protocol: 'tcp',
    });
    for (const [index, moment] of [0, 1, 2, 3, 5, 8, 12].entries()) {
      await cutOff(moment, async () => engine.pods.addPorts('victim', [mapping(index + 1)]));
      await verify();
      await cutOff(moment, async () => engine.pods.deletePorts('victim', [mapping(index + 1)]));
      await verify();
    }
    assert.equal(await running(), 3);
    await clear();
  });

  it('while it takes in a container, or lets one go', async () => {
    await up();
    for (const moment of MOMENTS) {
      await cutOff(moment, async () =>
        engine.pods.addContainer('victim', container({ name: 'guest', ...withFile })),
      );
      const found = await verify();
      const isIn = found?.containers.some(({ spec }) => spec.name === 'guest') ?? false;
      if (!isIn) await engine.pods.addContainer('victim', container({ name: 'guest', ...withFile }));
      await engine.pods.startContainer('guest');
      assert.equal(await running(), 4);
      await cutOff(moment, async () => engine.pods.removeContainer('guest', { timeoutSeconds: 0 }));
      const later = await verify();
      if (later?.containers.length === 4) await engine.pods.removeContainer('guest', { timeoutSeconds: 0 });
    }
    assert.equal(await running(), 3);
    await clear();
  });

  it('misses nothing: pods that end with their containers end when it is back, one that lost its ground is at rest', async () => {
    for (const whenAllEnded of ['stop', 'remove', 'keep'] as const) {
      await engine.pods.create(victim({ whenAllEnded }), { boot: true });
      await engine.pods.start('victim', {});
      const pids = (await engine.containers.list()).map(({ state }) => state.pid);
      await engine.kill();
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await engine.boot();
      const wanted = { stop: 'stopped', remove: undefined, keep: 'running' }[whenAllEnded];
      await until(
        async () => (await engine.pods.list())[0]?.status === wanted,
        `${whenAllEnded} to be ${wanted}`,
      );
      assert.equal(await running(), 0);
      if (whenAllEnded === 'keep') {
        const sandboxId = (await engine.pods.list())[0]?.sandboxId ?? '';
        await engine.kill();
        for (const kind of ['net', 'ipc', 'uts', 'shm'])
          execFileSync('umount', ['--lazy', `${engine.execRoot}/sandboxes/${sandboxId}/${kind}`]);
        await engine.boot();
        assert.deepEqual(await engine.extras.recovered(), ['pod victim: was lost']);
        assert.equal((await verify())?.status, 'stopped');
      }
      await clear();
    }
  });
});
