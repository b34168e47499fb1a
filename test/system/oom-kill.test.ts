import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

type Inspect = {
  readonly State: { readonly OOMKilled: boolean; readonly Running: boolean; readonly Restarting: boolean };
  readonly RestartCount: number;
};

describe('what is told of a container while it lives', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const run = async (command: string, host: object): Promise<string> => {
    const body = { Image: 'busybox', Cmd: ['sh', '-c', command], HostConfig: host };
    const { Id: id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', { body });
    await daemon.client.json('POST', `/containers/${id}/start`);
    return id;
  };
  const inspect = async (id: string, version = 'v1.51'): Promise<Inspect> =>
    JSON.parse((await ask(daemon.socket, 'GET', `/${version}/containers/${id}/json`)).text) as Inspect;

  it('a child that was killed for memory shows while the container runs on, and is told once', async () => {
    const id = await run('tail /dev/zero; sleep 600', { Memory: 24 << 20, MemorySwap: 24 << 20 });
    const { State } = await until(async () => {
      const seen = await inspect(id);
      return seen.State.OOMKilled ? seen : undefined;
    }, 'an OOM kill to be shown');
    assert.equal(State.Running, true);
    await daemon.client.json('POST', `/containers/${id}/kill`);
    await daemon.client.json('POST', `/containers/${id}/wait`);
    assert.equal((await inspect(id)).State.OOMKilled, true);
    const now = Math.floor(Date.now() / 1000) + 1;
    const filters = JSON.stringify({ container: [id], event: ['oom', 'die'] });
    const path = `/v1.51/events?since=0&until=${now}&filters=${encodeURIComponent(filters)}`;
    const { text } = await ask(daemon.socket, 'GET', path);
    const actions = text.match(/"Action":"\w+"/gu);
    assert.deepEqual(actions, ['"Action":"oom"', '"Action":"die"']);
  });

  it('the restart that is waited for counts, in the years when it did', async () => {
    const id = await run('exit 3', { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } });
    // Late enough for the pauses to be long ones: both questions must fall into one.
    const pairs = await until(async () => {
      const [first, old, last] = [await inspect(id), await inspect(id, 'v1.22'), await inspect(id)];
      const isOne = first.RestartCount === last.RestartCount;
      const waits = [first, old, last].every(({ State }) => State.Restarting);
      return isOne && waits ? [first.RestartCount, old.RestartCount] : undefined;
    }, 'a pause between restarts');
    assert.equal(pairs[0], (pairs[1] ?? 0) + 1);
    await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
  });
});
