import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { assertNoLeaks, isAlive } from '#test/support/faults/machine.ts';
import { inspect } from '#test/support/faults/containers.ts';
import { clear, cutOff, findPod, MOMENTS } from '#test/support/hyper/cut-off.ts';
import {
  createPod,
  exitCode,
  hear,
  idle,
  runExec,
  runPod,
  shell,
  startPod,
  unframed,
} from '#test/support/hyper/pod-client.ts';
import { ask } from '#test/support/versions/ask.ts';
import { Victims } from '#test/support/hyper/victims.ts';

/** As `pods-killed-coming.test.ts`, for pods that stay: what changes in them, and what goes on meanwhile. */
const base = 13_000 + (process.pid % 900);
/** Of mappings that come and go. */
const GUEST = base + 1;
let daemon: TestDaemon;
let victims: Victims;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-killed-'));
  daemon = await TestDaemon.start();
  victims = new Victims(daemon, ['steady'], base);
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

type Mapping = { readonly containerPort: string; readonly hostPort: string };

const mappings = async (): Promise<string[]> => {
  const { portMappings } = await daemon.pods.json<{ portMappings: Mapping[] }>(
    'GET',
    '/pod/steady/portmappings',
  );
  return portMappings.map(({ containerPort, hostPort }) => `${hostPort}:${containerPort}`);
};

const change = (action: 'add' | 'delete', ...ports: readonly string[]): Promise<unknown> => {
  const body = ports.map((containerPort) => ({
    containerPort,
    hostPort: String(GUEST + Number(containerPort) - 80),
    protocol: 'tcp',
  }));
  return daemon.pods.json('PUT', `/pod/steady/portmappings/${action}`, { body });
};

const add = (name: string): Promise<unknown> =>
  daemon.pods.json('POST', '/container/create', { query: { podId: 'steady' }, body: idle(name) });

const heard = async (stream: Duplex, words: RegExp): Promise<void> => {
  let text = '';
  for await (const bytes of stream.iterator({ destroyOnReturn: false })) {
    text += String(bytes);
    if (words.test(text)) return;
  }
  assert.fail(`the stream ended after ${text}`);
};

const OWN = `${base}:80`;
const LATER = [`${GUEST}:80`, `${GUEST + 1}:81`];

describe('the daemon is killed while a pod takes in and lets go of containers and ports', () => {
  before(async () => victims.run('steady'));

  for (const moment of MOMENTS.filter((one) => one < 100)) {
    it(`after ${moment} ms`, async () => {
      const steady = await victims.known('steady');
      const answered = await cutOff(daemon, moment, {
        ports: () => change('add', '80', '81'),
        guest: () => add('guest'),
      });
      await daemon.boot();

      // Both of one change, or none; which is in front.
      const found = await mappings();
      assert.ok(
        [[OWN], [...LATER, OWN]].some((one) => one.join() === found.join()),
        found.join(),
      );
      if (answered.ports) assert.equal(found.length, 3);
      if (found.length === 1) {
        assert.equal(await hear('127.0.0.1', GUEST), undefined);
        await change('add', '80', '81');
      }
      await victims.answers(GUEST, 'steady-web');

      const { words } = await victims.known('steady');
      if (answered.guest) assert.equal(words['guest'], 'pending');
      assert.ok([undefined, 'pending'].includes(words['guest']), words['guest']);
      if (words['guest'] === undefined) await add('guest');
      await daemon.pods.json('POST', '/container/start', { query: { container: 'guest' } });
      await victims.works('steady');

      const gone = await cutOff(daemon, moment, {
        ports: () => change('delete', '80', '81'),
        guest: () => daemon.pods.json('POST', '/container/remove', { query: { container: 'guest' } }),
      });
      await daemon.boot();
      const left = await mappings();
      // What is deleted goes by container port: the pod's own mapping of 80 as well.
      assert.ok(
        [[], [...LATER, OWN]].some((one) => one.join() === left.join()),
        left.join(),
      );
      if (gone.ports) assert.deepEqual(left, []);
      if (left.length > 0) await victims.answers(GUEST, 'steady-web');
      else {
        assert.equal(await hear('127.0.0.1', GUEST), undefined);
        assert.equal(await hear('127.0.0.1', base), undefined);
      }
      const later = await victims.known('steady');
      if (gone.guest) assert.equal(later.words['guest'], undefined);
      if (later.words['guest'] !== undefined)
        await daemon.pods.json('POST', '/container/remove', { query: { container: 'guest' } });
      if (left.length > 0) await change('delete', '80', '81');
      await daemon.pods.json('PUT', '/pod/steady/portmappings/add', {
        body: [{ containerPort: '80', hostPort: String(base) }],
      });
      assert.deepEqual((await victims.known('steady')).ids, steady.ids);
    });
  }

  it('a client that was attached attaches again, and is heard', async () => {
    await createPod(daemon, {
      id: 'heard',
      containers: [{ name: 'echoing', image: 'busybox', command: ['cat'], tty: true }],
    });
    const attach = async (): Promise<Duplex> =>
      (await daemon.pods.hijack('/attach', { query: { container: 'echoing' } })).stream;
    const first = await attach();
    await startPod(daemon, 'heard');
    first.write('before\n');
    await heard(first, /before\s+before/u);
    await daemon.kill();
    first.destroy();
    await daemon.boot();
    const second = await attach();
    second.write('after\n');
    await heard(second, /after\s+after/u);
    // The end of input, as a terminal has it.
    second.write('\u0004');
    assert.equal(await exitCode(daemon, 'echoing'), 0);
    second.destroy();
  });

  it('what ends while no daemon is there has ended as it did, and is heard', async () => {
    const wait = (name: string, code: number): object =>
      shell(name, `while [ ! -e /gate/open ]; do sleep 0.05; done; echo last of ${name}; exit ${code}`, {
        volumes: [{ path: '/gate', volume: 'gate' }],
      });
    const gate = { name: 'gate', source: folder, format: 'vfs' };
    await runPod(daemon, {
      id: 'ending',
      volumes: [gate],
      containers: [wait('ends-well', 0), wait('ends-badly', 7), idle('ends-not')],
    });
    const ids = (await victims.known('ending')).ids;
    const pids = await Promise.all(
      ['ends-well', 'ends-badly'].map(async (name) => (await inspect(daemon, name)).State.Pid),
    );
    await daemon.kill();
    writeFileSync(join(folder, 'open'), '');
    await until(() => pids.every((pid) => !isAlive(pid)), 'both have ended');
    await daemon.boot();
    const { words, isRunning } = await victims.known('ending');
    assert.ok(isRunning);
    assert.deepEqual(words, { 'ends-well': 'succeeded', 'ends-badly': 'failed', 'ends-not': 'running' });
    for (const [name, code] of [
      ['ends-well', 0],
      ['ends-badly', 7],
    ] as const) {
      const id = ids[name] ?? '';
      assert.equal(await exitCode(daemon, id.slice(0, 20)), code);
      const { status } = await daemon.pods.json<{
        status: { phase: string; terminated: { exitCode?: number } };
      }>('GET', '/container/info', { query: { container: id } });
      assert.deepEqual(
        [status.phase, status.terminated.exitCode ?? 0],
        [code === 0 ? 'succeeded' : 'failed', code],
      );
      const { stream } = await daemon.pods.hijack('/attach', { query: { container: name } });
      assert.equal(await unframed(stream), `last of ${name}\n`);
    }
    assert.equal((await runExec(daemon, 'ends-not', ['hostname'])).text, 'ending\n');
    await startPod(daemon, 'ending');
    for (const [name, code] of [
      ['ends-well', 0],
      ['ends-badly', 7],
    ] as const)
      assert.equal(await exitCode(daemon, name), code);
    assert.deepEqual((await victims.known('ending')).ids, ids);
  });

  it('pods that older clients made are over when they have ended meanwhile', async () => {
    rmSync(join(folder, 'open'));
    const pod = {
      id: 'older',
      volumes: [{ name: 'gate', source: folder, format: 'vfs' }],
      containers: [
        shell('older-one', 'while [ ! -e /gate/open ]; do sleep 0.05; done; exit 4', {
          volumes: [{ path: '/gate', volume: 'gate' }],
        }),
      ],
    };
    const asked = await ask(daemon.hyperSocket, 'POST', '/v0.7.0/pod/create', { body: pod });
    assert.equal(asked.status, 201);
    const { ID } = JSON.parse(asked.text) as { ID: string };
    await ask(daemon.hyperSocket, 'POST', `/v0.7.0/pod/start?podId=${ID}`);
    const { State } = await inspect(daemon, 'older-one');
    await daemon.kill();
    writeFileSync(join(folder, 'open'), '');
    await until(() => !isAlive(State.Pid), 'it has ended');
    await daemon.boot();
    await until(async () => !((await findPod(daemon, ID))?.isRunning ?? true), 'its end');
    assert.equal(await exitCode(daemon, 'older-one'), 4);
    assert.equal((await victims.known(ID)).info.status.phase, 'Failed');
  });

  it('and nothing is left of it', async () => {
    await clear(daemon);
    await assertNoLeaks(daemon);
  });
});
