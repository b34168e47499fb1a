import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, removeAll, run } from '#test/support/faults/containers.ts';
import { isAlive } from '#test/support/faults/machine.ts';
import { until } from '#test/support/network/until.ts';
import { findLeaks } from '#tools/leaks.mjs';
import { listThings } from '#tools/leaks/machine.mjs';
import type { Thing } from '#tools/leaks/machine.mjs';
import { toTag } from '#tools/leaks/records.mjs';

const ofDaemon =
  ({ dataRoot, execRoot }: TestDaemon) =>
  (thing: Thing): boolean =>
    (thing.tag !== undefined && toTag(dataRoot).startsWith(thing.tag)) ||
    [dataRoot, execRoot].some((root) => thing.root === root || thing.name.startsWith(root));

const thingsOf = (daemon: TestDaemon): string[] =>
  listThings([daemon.dataRoot, daemon.execRoot])
    .filter(ofDaemon(daemon))
    .map(({ kind, name }) => `${kind} ${name}`);

const leakedKinds = async (daemon: TestDaemon): Promise<string[]> => {
  const roots = { dataRoots: [daemon.dataRoot], execRoots: [daemon.execRoot] };
  const leaks = (await findLeaks(roots, 0)).filter(ofDaemon(daemon));
  return [...new Set(leaks.map(({ kind }) => kind))].toSorted();
};

describe('a daemon that ends', () => {
  it('leaves its data root alone where nothing of it runs', async () => {
    await using daemon = await TestDaemon.start({ args: ['--hyper-bip', '10.212.9.1/24'] });
    await run(daemon, 'exec sleep 600', { HostConfig: { Mounts: [] }, Volumes: { '/data': {} } });
    await removeAll(daemon);
    await create(daemon, 'true');
    assert.ok(thingsOf(daemon).length > 0);
    await daemon.stop();
    assert.deepEqual(thingsOf(daemon), []);
    assert.equal(existsSync(daemon.execRoot), false);
    assert.ok(readdirSync(daemon.dataRoot).includes('gantry.db'));
    await daemon.boot();
  });

  it('leaves everything where a container runs, which is no leak', async () => {
    await using daemon = await TestDaemon.start();
    await run(daemon, 'exec sleep 600');
    const before = thingsOf(daemon);
    await daemon.stop();
    assert.deepEqual(thingsOf(daemon).toSorted(), before.toSorted());
    assert.deepEqual(await leakedKinds(daemon), []);
    await daemon.boot();
  });
});

describe('a daemon that was killed', () => {
  it('leaves what is a leak as soon as nothing lives, and the next one takes it up', async () => {
    await using daemon = await TestDaemon.start();
    const id = await run(daemon, 'exec sleep 600');
    const { Pid } = (await inspect(daemon, id)).State;
    await daemon.kill();
    assert.deepEqual(await leakedKinds(daemon), []);
    process.kill(Pid, 'SIGKILL');
    await until(() => !isAlive(Pid));
    await until(async () => (await leakedKinds(daemon)).includes('link'));
    const kinds = await leakedKinds(daemon);
    for (const kind of ['cgroup', 'link', 'mount', 'table']) assert.ok(kinds.includes(kind), kind);
    await daemon.boot();
    await until(async () => (await leakedKinds(daemon)).length === 0);
  });
});

describe('files', () => {
  it('without a record are leaks, those of a record are not', async () => {
    await using daemon = await TestDaemon.start();
    await create(daemon, 'true', { Volumes: { '/data': {} } });
    assert.deepEqual(await leakedKinds(daemon), []);
    const nobody = 'e'.repeat(64);
    for (const folder of ['overlay/roots', 'containers', 'volumes']) {
      mkdirSync(join(daemon.dataRoot, folder, nobody), { recursive: true });
      assert.deepEqual(await leakedKinds(daemon), ['file'], folder);
      rmdirSync(join(daemon.dataRoot, folder, nobody));
    }
    const partial = join(daemon.dataRoot, 'ingest', `${nobody}.partial`);
    writeFileSync(partial, '');
    assert.deepEqual(await leakedKinds(daemon), []);
    utimesSync(partial, 0, 0);
    assert.deepEqual(await leakedKinds(daemon), ['file']);
    await daemon.stop();
    mkdirSync(join(daemon.dataRoot, 'overlay/trash', nobody));
    assert.deepEqual(await leakedKinds(daemon), ['file']);
  });
});
