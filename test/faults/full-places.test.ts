import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, list, remove, removeAll, run, wait } from '#test/support/faults/containers.ts';
import {
  assertNoLeaks,
  assertNothingHalfMade,
  assertRecordsMatch,
  isAlive,
} from '#test/support/faults/machine.ts';
import { SmallDisk } from '#test/support/faults/small-disk.ts';
import { until } from '#test/support/network/until.ts';

const SLEEP = `trap 'exit 7' TERM; while :; do sleep 0.1; done`;

type Three = { readonly stops: string; readonly dies: string; readonly goes: string };

const runThree = async (daemon: TestDaemon): Promise<Three> => ({
  stops: await run(daemon, SLEEP, { HostConfig: { RestartPolicy: { Name: 'unless-stopped' } } }),
  dies: await run(daemon, SLEEP),
  goes: await run(daemon, SLEEP, { Volumes: { '/data': {} } }),
});

const end = async (daemon: TestDaemon, { stops, dies, goes }: Three): Promise<void> => {
  const pids = await Promise.all(
    [stops, dies, goes].map(async (id) => (await inspect(daemon, id)).State.Pid),
  );
  await daemon.client.json('POST', `/containers/${stops}/stop`);
  await daemon.client.json('POST', `/containers/${dies}/kill`);
  assert.equal(await wait(daemon, dies), 137);
  await remove(daemon, goes);
  await until(() => pids.every((pid) => !isAlive(pid)));
  assert.equal((await inspect(daemon, stops)).State.Status, 'exited');
};

const assertWell = async (daemon: TestDaemon): Promise<void> => {
  await removeAll(daemon);
  assert.deepEqual(await list(daemon), []);
  assert.equal(await wait(daemon, await run(daemon, 'exit 5')), 5);
  await removeAll(daemon);
  await assertRecordsMatch(daemon);
  await assertNothingHalfMade(daemon);
  await assertNoLeaks(daemon);
};

describe('a disk that was full before anything was set aside', () => {
  it('takes neither the daemon’s start nor the end of containers away; what could not be written is told and made up for', async () => {
    using disk = new SmallDisk({ megabytes: 40 });
    await using daemon = await TestDaemon.start({ dataRoot: join(disk.path, 'data') });
    const three = await runThree(daemon);
    const rests = await create(daemon, 'true');
    await daemon.stop();
    // As an older daemon has left it.
    rmSync(join(daemon.dataRoot, 'gantry.db-wal'));
    disk.fillWhole();
    await daemon.boot();
    await end(daemon, three);
    await remove(daemon, rests);
    assert.match(daemon.log, /is not on record, which will be tried again/);
    disk.free();
    await until(() => daemon.log.includes('what was not on record is now'));
    await daemon.kill();
    await daemon.boot();
    assert.deepEqual(
      new Set((await list(daemon)).map(({ Id, State }) => `${State} ${Id}`)),
      new Set([`exited ${three.stops}`, `exited ${three.dies}`]),
    );
    await assertWell(daemon);
  });
});

describe('a disk without inodes', () => {
  for (const way of ['stop', 'kill'] as const)
    it(`is emptied, also after the daemon had a ${way}`, async () => {
      using disk = new SmallDisk({ megabytes: 64, inodes: 3000 });
      await using daemon = await TestDaemon.start({ dataRoot: join(disk.path, 'data') });
      const before = await runThree(daemon);
      const after = await runThree(daemon);
      disk.useInodes();
      await assert.rejects(async () => {
        for (;;) await create(daemon, 'true');
      }, /no space left/i);
      await end(daemon, before);
      await daemon[way]();
      disk.useInodes();
      await daemon.boot();
      await end(daemon, after);
      disk.free();
      await assertWell(daemon);
    });
});

describe('a full exec root', () => {
  it('fails a start in clear words; what runs is ended and removed, and a daemon starts', async () => {
    const execRoot = mkdtempSync(join(tmpdir(), 'gantry-exec-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'gantry-full', execRoot]);
    const filling = join(execRoot, 'filling');
    const fill = (): void => {
      try {
        writeFileSync(filling, Buffer.alloc(16 * 1024 * 1024));
      } catch {
        // That is the point.
      }
    };
    try {
      await using daemon = await TestDaemon.start({ execRoot });
      const before = await runThree(daemon);
      const after = await runThree(daemon);
      const rests = await create(daemon, 'true');
      fill();
      await assert.rejects(
        daemon.client.json('POST', `/containers/${rests}/start`),
        /no space left|No space left/,
      );
      await end(daemon, before);
      await remove(daemon, rests);
      await daemon.kill();
      fill();
      await daemon.boot();
      await end(daemon, after);
      rmSync(filling);
      await assertWell(daemon);
    } finally {
      // Whoever wiped the daemon off the machine has unmounted it.
      spawnSync('umount', ['-l', execRoot]);
      rmSync(execRoot, { recursive: true, force: true });
    }
  });
});
