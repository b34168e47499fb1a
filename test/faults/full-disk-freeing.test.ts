import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, afterEach, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, list, remove, removeAll, run, wait } from '#test/support/faults/containers.ts';
import {
  assertNoLeaks,
  assertNothingHalfMade,
  assertRecordsMatch,
  isAlive,
} from '#test/support/faults/machine.ts';
import { SmallDisk } from '#test/support/faults/small-disk.ts';
import {
  createPod,
  idle,
  listed,
  removePod,
  runPod,
  stopPod,
  unframed,
} from '#test/support/hyper/pod-client.ts';
import { makeTar } from '#test/support/test-image.ts';

type Names = Record<
  'rests' | 'runs' | 'runsWithVolume' | 'stops' | 'killed' | 'restarts' | 'executes' | 'renamed' | 'paused',
  string
>;

const SLEEP = `trap 'exit 7' TERM; while :; do sleep 0.1; done`;
const VOLUME = { Volumes: { '/data': {} } };

let disk: SmallDisk;
let daemon: TestDaemon;
before(async () => {
  disk = new SmallDisk({ megabytes: 40 });
  daemon = await TestDaemon.start({ dataRoot: join(disk.path, 'data') });
});
after(async () => {
  disk.free();
  try {
    await daemon[Symbol.asyncDispose]();
  } finally {
    disk[Symbol.dispose]();
  }
});

const makeContainers = async (): Promise<Names> => ({
  rests: await create(daemon, 'true'),
  runs: await run(daemon, SLEEP),
  runsWithVolume: await run(daemon, SLEEP, VOLUME),
  stops: await run(daemon, SLEEP, { HostConfig: { RestartPolicy: { Name: 'unless-stopped' } } }),
  killed: await run(daemon, SLEEP),
  restarts: await run(daemon, SLEEP),
  executes: await run(daemon, SLEEP),
  renamed: await create(daemon, 'true'),
  paused: await run(daemon, SLEEP),
});

const post = (path: string, query: Record<string, string | number> = {}): Promise<unknown> =>
  daemon.client.json('POST', path, { query });

const statusOf = async (id: string): Promise<string> => (await inspect(daemon, id)).State.Status;

const volumes = async (): Promise<string[]> => {
  const { Volumes } = await daemon.client.json<{ Volumes: { Name: string }[] | null }>('GET', '/volumes');
  return (Volumes ?? []).map(({ Name }) => Name);
};

const importImage = async (repo: string): Promise<void> => {
  const upload = Readable.from([await makeTar({ [repo]: repo })]);
  const query = { fromSrc: '-', repo, tag: 'latest' };
  for await (const { errorDetail } of daemon.client.frames<Frame>('POST', '/images/create', {
    query,
    upload,
  }))
    assert.equal(errorDetail, undefined);
};

type Frame = { readonly errorDetail?: { readonly message: string } };

const images = async (): Promise<string[]> => {
  const found = await daemon.client.json<{ RepoTags: string[] }[]>('GET', '/images/json');
  return found.flatMap(({ RepoTags }) => RepoTags).toSorted();
};

const exec = async (id: string, line: string): Promise<string> => {
  const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
    body: { Cmd: ['sh', '-c', line], AttachStdout: true, AttachStderr: true },
  });
  const { stream } = await daemon.client.hijack(`/exec/${Id}/start`, { body: {} });
  stream.end();
  return unframed(stream);
};

/** Nothing may be left that the state could grow by either. */
const fillAndProve = async (): Promise<void> => {
  disk.fillWhole();
  await assert.rejects(async () => {
    for (;;) await create(daemon, 'true', { Labels: { long: 'x'.repeat(20_000) } }, undefined);
  }, /no space left|full|cannot be written/i);
  disk.fillWhole();
  assert.equal(disk.freeBytes, 0);
};

afterEach(async () => {
  disk.free();
  await removeAll(daemon);
});

describe('on a full disk', () => {
  it('containers are stopped, killed, renamed, entered, removed', async () => {
    const names = await makeContainers();
    await fillAndProve();
    const known = await volumes();
    await post(`/containers/${names.stops}/stop`);
    assert.equal(await statusOf(names.stops), 'exited');
    await post(`/containers/${names.killed}/kill`);
    assert.equal(await wait(daemon, names.killed), 137);
    await post(`/containers/${names.paused}/pause`);
    await post(`/containers/${names.paused}/unpause`);
    await post(`/containers/${names.renamed}/rename`, { name: 'another' });
    assert.equal(
      await exec(names.executes, 'echo in; echo x > /file || true'),
      'in\nsh: write error: No space left on device\n',
    );
    await post(`/containers/${names.restarts}/restart`);
    assert.equal(await statusOf(names.restarts), 'running');
    const { Pid } = (await inspect(daemon, names.runs)).State;
    await daemon.client.json('DELETE', `/containers/${names.rests}`);
    await remove(daemon, names.runs);
    assert.equal(isAlive(Pid), false);
    await remove(daemon, names.runsWithVolume);
    assert.equal((await volumes()).length, known.length - 1);
    await removeAll(daemon);
    await assertEmpty();
  });

  it('images, volumes and networks are removed and pruned', async () => {
    for (const name of ['one', 'two', 'three']) await importImage(name);
    for (const Name of ['one', 'two', 'three'])
      await daemon.client.json('POST', '/volumes/create', {
        body: { Name, Labels: { long: 'x'.repeat(9000) } },
      });
    const rests = await create(daemon, 'true');
    await fillAndProve();
    await daemon.client.json('DELETE', '/images/one');
    await daemon.client.json('DELETE', '/volumes/one');
    const filters = (value: object): { query: { filters: string } } => ({
      query: { filters: JSON.stringify(value) },
    });
    await daemon.client.json('POST', '/containers/prune');
    await assert.rejects(inspect(daemon, rests), { status: 404 });
    await daemon.client.json('POST', '/images/prune', filters({ dangling: ['false'] }));
    await daemon.client.json('POST', '/volumes/prune', filters({ all: ['true'] }));
    await daemon.client.json('POST', '/networks/prune');
    assert.deepEqual(await images(), []);
    assert.deepEqual(await volumes(), []);
    disk.free();
    await daemon.loadBusybox();
    await assertEmpty();
  });

  it('pods are stopped and removed', async () => {
    const running = await runPod(daemon, {
      id: 'running',
      containers: [idle('running-one'), idle('running-two')],
    });
    const stopped = await runPod(daemon, { id: 'stopped', containers: [idle('stopped-one')] });
    const made = await createPod(daemon, { id: 'made', containers: [idle('made-one')] });
    await fillAndProve();
    await stopPod(daemon, stopped);
    for (const pod of [running, stopped, made]) await removePod(daemon, pod);
    assert.deepEqual(await listed(daemon, 'pod'), []);
    assert.deepEqual(await listed(daemon, 'container'), []);
    await removeAll(daemon);
    await assertEmpty();
  });

  for (const [how, leave] of [
    ['was stopped', async () => daemon.stop()],
    ['was killed', async () => daemon.kill()],
  ] as const)
    it(`the daemon starts again after it ${how}, and can be emptied`, async () => {
      const names = await makeContainers();
      await fillAndProve();
      await leave();
      disk.fillWhole();
      await daemon.boot();
      assert.equal(await statusOf(names.runs), 'running');
      await post(`/containers/${names.stops}/stop`);
      await post(`/containers/${names.killed}/kill`);
      await remove(daemon, names.runs);
      await leave();
      disk.fillWhole();
      await daemon.boot();
      assert.equal(await statusOf(names.stops), 'exited');
      await assert.rejects(inspect(daemon, names.runs), { status: 404 });
      await removeAll(daemon);
      await assertEmpty();
    });
});

/** All is gone, and with room there is again work to be done. */
const assertEmpty = async (): Promise<void> => {
  assert.deepEqual(await list(daemon), []);
  disk.free();
  assert.equal(await wait(daemon, await run(daemon, 'exit 5')), 5);
  await removeAll(daemon);
  await assertRecordsMatch(daemon);
  await assertNothingHalfMade(daemon);
  await assertNoLeaks(daemon);
};
