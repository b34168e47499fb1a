import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

type Inspect = {
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly Pid: number };
  readonly RestartCount: number;
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
};

const create = async (daemon: TestDaemon, command: string, host: object = {}): Promise<string> => {
  const body = { Image: 'busybox', Cmd: ['sh', '-c', command], HostConfig: host };
  const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', { body });
  return Id;
};

const run = async (daemon: TestDaemon, command: string, host: object = {}): Promise<string> => {
  const id = await create(daemon, command, host);
  await daemon.client.json('POST', `/containers/${id}/start`);
  return id;
};

const inspect = (daemon: TestDaemon, id: string): Promise<Inspect> =>
  daemon.client.json('GET', `/containers/${id}/json`);

const wait = async (daemon: TestDaemon, id: string): Promise<number> => {
  const { StatusCode } = await daemon.client.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`);
  return StatusCode;
};

describe('a daemon that was killed', () => {
  it('finds its containers: those that run, and how the others ended', async () => {
    await using daemon = await TestDaemon.start();
    const runs = await run(daemon, 'exec sleep 600');
    const ends = await run(daemon, 'sleep 0.3; exit 42');
    const comesBack = await run(daemon, 'sleep 0.3; exit 7', {
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 },
    });
    const before = await inspect(daemon, runs);
    await daemon.kill();
    await daemon.boot();
    const after = await inspect(daemon, runs);
    assert.deepEqual([after.State.Status, after.State.Pid], ['running', before.State.Pid]);
    assert.deepEqual(after.NetworkSettings.Networks, before.NetworkSettings.Networks);
    assert.equal(await wait(daemon, ends), 42);
    assert.equal((await inspect(daemon, ends)).State.ExitCode, 42);
    await wait(daemon, comesBack);
    const fresh = await run(daemon, 'true');
    assert.equal(await wait(daemon, fresh), 0);
    await daemon.client.json('POST', `/containers/${runs}/stop`, { query: { t: 0 } });
    assert.equal((await inspect(daemon, runs)).State.ExitCode, 137);
  });

  it('in the middle of many creates, starts and removals comes back to whole containers only', async () => {
    await using daemon = await TestDaemon.start();
    const churn = Array.from({ length: 12 }, async (_, number) => {
      const id = await run(daemon, 'exec sleep 600');
      if (number % 2 === 0) await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
    });
    const all = Promise.allSettled(churn);
    await Promise.race(churn.map((work) => work.catch(() => undefined)));
    await daemon.kill();
    await all;
    await daemon.boot();
    const list = await daemon.client.json<{ Id: string; State: string }[]>('GET', '/containers/json', {
      query: { all: 1 },
    });
    for (const { Id, State } of list) {
      assert.ok(['created', 'running', 'exited'].includes(State), State);
      if (State !== 'running') await daemon.client.json('POST', `/containers/${Id}/start`);
      await daemon.client.json('DELETE', `/containers/${Id}`, { query: { force: 1 } });
    }
    assert.deepEqual(await daemon.client.json('GET', '/containers/json', { query: { all: 1 } }), []);
  });
});
