import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { TestDaemon } from '#test/support/daemon.ts';
import { inspect, list, readLog, removeAll, run } from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertRecordsMatch, removalsFinished } from '#test/support/faults/machine.ts';
import {
  containerLine,
  idle,
  listed,
  podLine,
  removePod,
  runPod,
  shell,
} from '#test/support/hyper/pod-client.ts';
import { until } from '#test/support/network/until.ts';
import { ask } from '#test/support/versions/ask.ts';

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

  it('a pod’s stop that keeps its sandbox', async () => {
    const podId = await runPod(daemon, {
      id: 'rests',
      containers: [{ ...shell('rests-one', ''), command: ['sh', '-c', STUBBORN] }],
    });
    const [id = ''] = await containerLine(daemon, 'rests-one');
    await until(async () => (await readLog(daemon, id)).stdout === 'up\n');
    await cutOff(asOlder('POST', `/pod/stop?podId=${podId}&stopVm=no`), () => hasHeard(id));
    await until(async () => (await podStatus(podId)) !== 'running');
    const [[vm = ''] = []] = await listed(daemon, 'vm');
    assert.notEqual(vm, '', 'the sandbox waits for the next start');
    await asOlder('POST', `/pod/start?podId=${podId}&vmId=${vm}`);
    assert.equal(await podStatus(podId), 'running');
    await removePod(daemon, podId);
    await asOlder('DELETE', `/vm?vm=${vm}`);
  });

  it('new limits: the kernel has what the record says, wherever it is cut off', async () => {
    const id = await run(daemon, 'exec sleep 600', { HostConfig: { Memory: 64 * MEBIBYTE } });
    for (const [round, moment] of [0, 1, 2, 3, 5, 8, 13].entries()) {
      const Memory = (65 + round) * MEBIBYTE;
      const asked = daemon.client
        .json('POST', `/containers/${id}/update`, { body: { Memory, MemorySwap: -1 } })
        .catch(() => undefined);
      await pause(moment);
      await killAndBoot();
      await asked;
      const { State, HostConfig } = await daemon.client.json<{
        State: { Pid: number };
        HostConfig: { Memory: number };
      }>('GET', `/containers/${id}/json`);
      await until(() => memoryLimitOf(State.Pid) === HostConfig.Memory);
    }
  });

  it('removals of volumes: what is listed is there, and nothing else', async () => {
    for (const moment of [0, 1, 2, 4, 8]) {
      const names = Array.from({ length: 6 }, (_, index) => `gone-${moment}-${index}`);
      for (const Name of names) await daemon.client.json('POST', '/volumes/create', { body: { Name } });
      const asked = Promise.allSettled(names.map((name) => daemon.client.json('DELETE', `/volumes/${name}`)));
      await pause(moment);
      await killAndBoot();
      await asked;
      const left = await volumes();
      for (const name of names)
        assert.equal(existsSync(join(daemon.dataRoot, 'volumes', name)), left.includes(name), name);
      for (const name of left) await daemon.client.json('DELETE', `/volumes/${name}`);
    }
  });
});

const MEBIBYTE = 1024 * 1024;

/** Of the group that a process is in, as the kernel has it; `max` is not a number. */
const memoryLimitOf = (pid: number): number => {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const [old] = groups.filter((line) => line.split(':')[1]?.split(',').includes('memory') === true);
  const path = (old ?? groups[0] ?? '').split(':').slice(2).join(':');
  const file =
    old === undefined
      ? `/sys/fs/cgroup${path}/memory.max`
      : `/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`;
  return Number(readFileSync(file, 'utf8'));
};

const podStatus = async (podId: string): Promise<string> => (await podLine(daemon, podId))[3] ?? '';

/** What only clients before 0.8 could ask for. */
const asOlder = (method: string, path: string): Promise<unknown> =>
  ask(daemon.hyperSocket, method, `/v0.7.0${path}`);
