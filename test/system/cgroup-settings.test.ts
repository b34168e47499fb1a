import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { until } from '#test/support/network/until.ts';

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

/** In whatever hierarchy it is. */
const foldersOf = (group: string): string[] => globSync(`/sys/fs/cgroup{,/*}${group}`);

const isFirstVersion = existsSync('/sys/fs/cgroup/memory');
const root = isFirstVersion ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';

describe('control groups as asked for', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const remove = (id: string): Promise<void> =>
    daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });

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
    assert.deepEqual(foldersOf(parent), []);
  });

  it('what was made for it goes with the last below it, what was there stays', async () => {
    const top = `/gantry-tops-${process.pid}`;
    const theirs = join(root, top);
    mkdirSync(theirs);
    try {
      const one = await run({ CgroupParent: `${top}/a/b` });
      const two = await run({ CgroupParent: `${top}/a` });
      assert.ok(foldersOf(`${top}/a/b`).length > 0);
      await remove(one.id);
      assert.deepEqual(foldersOf(`${top}/a/b`), []);
      assert.ok(foldersOf(`${top}/a`).length > 0);
      await remove(two.id);
      assert.deepEqual(foldersOf(`${top}/a`), []);
      // In the hierarchy in which it was there before.
      assert.deepEqual(foldersOf(top), [theirs]);
    } finally {
      for (const folder of foldersOf(top)) rmdirSync(folder);
    }
  });

  it('and so it does when the runtime refuses, and when many come and go at once', async () => {
    const parent = `/gantry-many-${process.pid}/in`;
    const body = { Image: 'busybox', Cmd: ['/none'], HostConfig: { CgroupParent: parent } };
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', { body });
    await assert.rejects(daemon.client.json('POST', `/containers/${Id}/start`));
    assert.deepEqual(foldersOf(dirname(parent)), []);
    const lane = async (): Promise<void> => {
      for (let round = 0; round < 4; round += 1) await remove((await run({ CgroupParent: parent })).id);
    };
    await Promise.all([lane(), lane(), lane()]);
    assert.deepEqual(foldersOf(dirname(parent)), []);
  });

  it('no name leads out of the hierarchy', async () => {
    const { id, seen } = await run({ CgroupParent: `../../gantry-out-${process.pid}` });
    assert.equal(groupOf(seen.State.Pid), `/gantry-out-${process.pid}/${id}`);
    await remove(id);
    assert.deepEqual(foldersOf(`/gantry-out-${process.pid}`), []);
  });

  it('a daemon that was killed leaves what the next one removes', async () => {
    const parent = `/gantry-left-${process.pid}/in`;
    const living = await run({ CgroupParent: parent });
    const ended = await run({ CgroupParent: `${parent}/deep` });
    await daemon.kill();
    process.kill(ended.seen.State.Pid, 'SIGKILL');
    await daemon.restart();
    await until(() => foldersOf(`${parent}/deep`).length === 0);
    assert.ok(foldersOf(parent).length > 0);
    await remove(living.id);
    assert.deepEqual(foldersOf(dirname(parent)), []);
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
