import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, rmdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

type Inspect = {
  readonly State: { readonly Pid: number };
  readonly HostConfig: { readonly CgroupParent: string };
};

/** Where a process is in the hierarchy of the memory controller (v1), or in the one there is (v2). */
const groupOf = (pid: number): string => {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const line =
    lines.find((each) => each.includes(':memory:')) ?? lines.find((each) => each.startsWith('0::'));
  return line?.split(':').slice(2).join(':') ?? '';
};

const isFirstVersion = existsSync('/sys/fs/cgroup/memory');

describe('control groups as asked for', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const run = async (host: object): Promise<{ id: string; seen: Inspect }> => {
    const body = { Image: 'busybox', Cmd: ['sleep', '600'], HostConfig: host };
    const { Id: id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', { body });
    await daemon.client.json('POST', `/containers/${id}/start`);
    return { id, seen: await daemon.client.json<Inspect>('GET', `/containers/${id}/json`) };
  };

  it('CgroupParent says under which group the container’s is, and goes with it', async () => {
    const parent = `/gantry-parent-${process.pid}`;
    const { id, seen } = await run({ CgroupParent: parent });
    assert.equal(seen.HostConfig.CgroupParent, parent);
    const group = groupOf(seen.State.Pid);
    assert.equal(group, `${parent}/${id}`);
    await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
    // A parent that was asked for is its owner's: it stays.
    for (const folder of globSync(`/sys/fs/cgroup{,/*}${parent}`)) rmdirSync(folder);
    const root = isFirstVersion ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
    assert.equal(existsSync(`${root}${group}`), false);
  });

  it('OomKillDisable', { skip: isFirstVersion ? false : 'cgroup v2 has no such switch' }, async () => {
    const { id, seen } = await run({ OomKillDisable: true, Memory: 64 << 20 });
    const control = readFileSync(
      `/sys/fs/cgroup/memory${groupOf(seen.State.Pid)}/memory.oom_control`,
      'utf8',
    );
    assert.match(control, /^oom_kill_disable 1$/mu);
    await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
  });
});
