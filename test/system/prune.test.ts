import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

type ImagesPruned = {
  readonly ImagesDeleted: { readonly Untagged?: string; readonly Deleted?: string }[] | null;
  readonly SpaceReclaimed: number;
};
type ContainersPruned = { readonly ContainersDeleted: string[] | null; readonly SpaceReclaimed: number };

describe('prune', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const create = async (body: object): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: ['true'], ...body },
    });
    return Id;
  };
  const prune = <Answer>(noun: string, filters: object): Promise<Answer> =>
    daemon.client.json<Answer>('POST', `/${noun}/prune`, { query: { filters: JSON.stringify(filters) } });

  it('takes containers that do not run, by label and age, and tells what that freed', async () => {
    const runs = await create({ Cmd: ['sleep', '600'] });
    await daemon.client.json('POST', `/containers/${runs}/start`);
    const writes = await create({ Cmd: ['sh', '-c', 'head -c 100000 /dev/zero > /file'] });
    await daemon.client.json('POST', `/containers/${writes}/start`);
    await daemon.client.json('POST', `/containers/${writes}/wait`);
    const kept = await create({ Labels: { keep: 'yes' } });
    const young = await prune<ContainersPruned>('containers', { until: ['24h'] });
    assert.equal(young.ContainersDeleted, null);
    const pruned = await prune<ContainersPruned>('containers', { 'label!': ['keep'] });
    assert.deepEqual(pruned.ContainersDeleted, [writes]);
    assert.ok(pruned.SpaceReclaimed >= 100_000, String(pruned.SpaceReclaimed));
    const rest = await prune<ContainersPruned>('containers', { label: ['keep=yes'] });
    assert.deepEqual(rest.ContainersDeleted, [kept]);
    await daemon.client.json('DELETE', `/containers/${runs}`, { query: { force: 1 } });
  });

  it('takes images without a tag, or all that no container uses', async () => {
    const user = await create({});
    await daemon.client.json('POST', '/images/busybox/tag', { query: { repo: 'other', tag: '1' } });
    const dangling = await prune<ImagesPruned>('images', {});
    assert.equal(dangling.ImagesDeleted, null);
    const used = await prune<ImagesPruned>('images', { dangling: ['false'] });
    assert.equal(used.ImagesDeleted, null);
    await daemon.client.json('DELETE', `/containers/${user}`);
    const all = await prune<ImagesPruned>('images', { dangling: ['false'] });
    const untagged = all.ImagesDeleted?.flatMap(({ Untagged }) => Untagged ?? []) ?? [];
    assert.deepEqual(untagged.toSorted(), ['busybox:latest', 'other:1']);
    assert.ok(all.SpaceReclaimed > 500_000, String(all.SpaceReclaimed));
    assert.deepEqual(await daemon.client.json('GET', '/images/json'), []);
  });

  it('refuses what it does not know', async () => {
    await assert.rejects(prune('containers', { name: ['x'] }), /invalid filter 'name'/u);
    await assert.rejects(
      prune('images', { dangling: ['perhaps'] }),
      /invalid filter 'dangling=\[perhaps\]'/u,
    );
    await assert.rejects(prune('containers', { until: ['perhaps'] }));
  });
});
