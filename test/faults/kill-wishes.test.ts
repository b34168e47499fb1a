import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { TestDaemon } from '#test/support/daemon.ts';
import { inspect, list, readLog, removeAll, run } from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertRecordsMatch, removalsFinished } from '#test/support/faults/machine.ts';
import { containerLine, idle, listed, removePod, runPod, shell } from '#test/support/hyper/pod-client.ts';
import { until } from '#test/support/network/until.ts';

/** Hears the polite signal and does not mind. */
const STUBBORN = `trap 'echo heard' TERM; echo up; while :; do sleep 0.1; done`;

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon[Symbol.asyncDispose]());
afterEach(async () => {
  await removeAll(daemon);
  await assertRecordsMatch(daemon);
  await assertNoLeaks(daemon);
});

const killAndBoot = async (): Promise<void> => {
  await daemon.kill();
  await daemon.boot();
};

/** Asked, and cut off once it is under way; on a slow machine it may be over by then, and everything holds all the same. */
const cutOff = async (
  asked: Promise<unknown>,
  isUnderWay: () => Promise<boolean> | boolean,
): Promise<void> => {
  const answered = asked.catch(() => undefined);
  await until(isUnderWay);
  await killAndBoot();
  await answered;
};

const post = (path: string, query: Record<string, string | number> = {}): Promise<unknown> =>
  daemon.client.json('POST', path, { query });

const upAndDeaf = async (host: object = {}): Promise<string> => {
  const id = await run(daemon, STUBBORN, { HostConfig: host });
  await until(async () => (await readLog(daemon, id)).stdout === 'up\n');
  return id;
};

const hasHeard = async (id: string): Promise<boolean> => (await readLog(daemon, id)).stdout.includes('heard');
const statusOf = async (id: string): Promise<string> => (await inspect(daemon, id)).State.Status;
const volumes = async (): Promise<string[]> => {
  const { Volumes } = await daemon.client.json<{ Volumes: { Name: string }[] | null }>('GET', '/volumes');
  return (Volumes ?? []).map(({ Name }) => Name);
};

describe('what was asked before a kill -9 is finished after it, as it was asked', () => {
  it('a stop: the grace, then the end', async () => {
    const id = await upAndDeaf({ RestartPolicy: { Name: 'unless-stopped' } });
    await cutOff(post(`/containers/${id}/stop`, { t: 3 }), () => hasHeard(id));
    await until(async () => (await statusOf(id)) === 'exited');
    await killAndBoot();
    assert.equal(await statusOf(id), 'exited');
  });

  it('a restart: the end, then the start', async () => {
    const id = await upAndDeaf();
    const { Pid } = (await inspect(daemon, id)).State;
    await cutOff(post(`/containers/${id}/restart`, { t: 3 }), () => hasHeard(id));
    await until(async () => {
      const { State } = await inspect(daemon, id);
      return State.Status === 'running' && State.Pid !== Pid;
    });
  });

  it('a restart of one that removes itself does not remove it', async () => {
    const id = await upAndDeaf({ AutoRemove: true });
    const { Pid } = (await inspect(daemon, id)).State;
    await cutOff(post(`/containers/${id}/restart`, { t: 3 }), () => hasHeard(id));
    await until(async () => {
      const { State } = await inspect(daemon, id);
      return State.Status === 'running' && State.Pid !== Pid;
    });
  });

  for (const [v, what] of [
    [1, 'with its volumes'],
    [0, 'without its volumes'],
  ] as const)
    it(`forced removals ${what}, wherever they are cut off`, async () => {
      for (const moment of [0, 1, 2, 4, 8, 12, 16, 24, 40]) {
        const known = await volumes();
        const ids = await Promise.all(
          Array.from({ length: 4 }, () => run(daemon, 'exec sleep 600', { Volumes: { '/data': {} } })),
        );
        const asked = Promise.allSettled(
          ids.map((id) => daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1, v } })),
        );
        await pause(moment);
        await killAndBoot();
        await asked;
        await removalsFinished(daemon);
        const left = (await list(daemon)).length;
        const added = (await volumes()).length - known.length;
        assert.equal(added, v === 1 ? left : 4);
        await removeAll(daemon);
      }
    });

  it('a pod’s removal', async () => {
    const goes = await runPod(daemon, {
      id: 'goes',
      containers: [{ ...shell('goes-one', ''), command: ['sh', '-c', STUBBORN] }],
    });
    await runPod(daemon, { id: 'stays', containers: [idle('stays-one')] });
    const [id = ''] = await containerLine(daemon, 'goes-one');
    await until(async () => (await readLog(daemon, id)).stdout === 'up\n');
    await cutOff(daemon.pods.json('DELETE', '/pod', { query: { podId: goes } }), () =>
      hasHeard(id).catch(() => true),
    );
    assert.deepEqual(
      (await listed(daemon, 'pod')).map(([, name = '', , status = '']) => [name, status]),
      [['stays', 'running']],
    );
    await removePod(daemon, 'stays');
  });
});
