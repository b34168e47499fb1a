import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestDaemon, imageArchive } from '#test/support/daemon.ts';
import {
  create,
  inspect,
  list,
  readLog,
  remove,
  removeAll,
  run,
  wait,
} from '#test/support/faults/containers.ts';
import {
  assertNoLeaks,
  assertNothingHalfMade,
  assertRecordsMatch,
  isAlive,
} from '#test/support/faults/machine.ts';
import { until } from '#test/support/network/until.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';

const MEGABYTE = 1024 * 1024;

let daemon: TestDaemon;
let folder: string;
let disk: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-disk-'));
  disk = join(folder, 'disk');
  const image = join(folder, 'image');
  writeFileSync(image, '');
  truncateSync(image, 64 * MEGABYTE);
  mkdirSync(disk);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
  execFileSync('mount', ['-o', 'loop', image, disk]);
  daemon = await TestDaemon.start({ dataRoot: join(disk, 'data') });
});
after(async () => {
  free();
  try {
    await daemon[Symbol.asyncDispose]();
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true });
  }
});

/** Leaves at most so many bytes; the way back is `free`. */
const fill = (leaveBytes: number): void => {
  const { bavail, bsize } = statfsSync(disk);
  const bytes = Math.max(0, bavail * bsize - leaveBytes);
  execFileSync('fallocate', ['-l', String(Math.floor(bytes / 4096) * 4096), join(disk, 'filling')]);
};

/** To the last block. */
const fillWhole = (): void => {
  fill(MEGABYTE / 2);
  try {
    writeFileSync(join(disk, 'rest'), Buffer.alloc(4 * MEGABYTE));
  } catch {
    // That is the point.
  }
};

const free = (): void => {
  for (const name of ['filling', 'rest']) rmSync(join(disk, name), { force: true });
};

type Frame = { readonly errorDetail?: { readonly message: string } };

const refusalOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  return assert.fail('it did not fail');
};

const drain = async (frames: AsyncIterable<Frame>): Promise<void> => {
  for await (const { errorDetail } of frames)
    if (errorDetail !== undefined) throw new Error(errorDetail.message);
};

const FULL = /no space left on device/i;

describe('a full disk', () => {
  it('fails a load and a pull in clear words; after room is made both work', async () => {
    await using registry = await startRegistry();
    const layers = [{ files: { big: randomBytes(8 * MEGABYTE) } }];
    await pushImage({ url: registry.url, repository: 'big', tag: 'latest' }, await makeImage({ layers }));
    const name = `${registry.host}/big`;
    const pull = (): Promise<void> =>
      drain(
        daemon.client.frames<Frame>('POST', '/images/create', { query: { fromImage: name, tag: 'latest' } }),
      );
    const archive = await imageArchive('busybox');
    const load = (): Promise<void> =>
      drain(daemon.client.frames<Frame>('POST', '/images/load', { upload: createReadStream(archive) }));
    await daemon.client.json('DELETE', '/images/busybox');
    // Room for nothing, then for the blob, which is kept, then for a part of its layer.
    for (const leave of [MEGABYTE, 9 * MEGABYTE, 5 * MEGABYTE]) {
      fill(leave);
      assert.match(await refusalOf(pull), FULL);
      free();
      await assertNothingHalfMade(daemon);
    }
    fill(MEGABYTE);
    assert.match(await refusalOf(load), FULL);
    assert.deepEqual(await daemon.client.json('GET', '/images/json'), []);
    free();
    await pull();
    await load();
    await daemon.client.json('DELETE', `/images/${name}`);
    await assertNothingHalfMade(daemon);
  });

  it('fails a create in clear words and leaves nothing of it; the daemon lives', async () => {
    const runs = await run(daemon, 'exec sleep 600');
    fillWhole();
    let made = 0;
    const words = await refusalOf(async () => {
      // What is left in half-used blocks and in the log of the state may be enough for some.
      for (; made < 2000; made += 1) await create(daemon, 'true');
    });
    assert.match(words, /no space left|full|cannot be written/i);
    assert.equal((await list(daemon)).length, made + 1);
    assert.equal((await inspect(daemon, runs)).State.Running, true);
    free();
    const id = await run(daemon, 'exit 5');
    assert.equal(await wait(daemon, id), 5);
    await removeAll(daemon);
    await assertRecordsMatch(daemon);
    await assertNoLeaks(daemon);
  });

  it('does not stop a container that logs, and its end is known', async () => {
    const id = await run(
      daemon,
      'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "$i xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; [ $i = 1500 ] && read go; done; exit 6',
      { OpenStdin: true },
    );
    await until(async () => (await readLog(daemon, id)).stdout.includes('1500 x'));
    fillWhole();
    const { stream } = await daemon.client.hijack(`/containers/${id}/attach?stream=1&stdin=1`);
    stream.write('go\n');
    const { State } = await inspect(daemon, id);
    await until(() => !isAlive(State.Pid));
    assert.equal((await list(daemon)).length, 1);
    free();
    assert.equal(await wait(daemon, id), 6);
    stream.destroy();
    assert.equal((await inspect(daemon, id)).State.ExitCode, 6);
    const { stdout } = await readLog(daemon, id);
    assert.ok(stdout.startsWith('1 x'));
    await remove(daemon, id);
    await assertNoLeaks(daemon);
  });

  it('is survived by the records: a kill -9 on it, a start with room, and all is as it was', async () => {
    const runs = await run(daemon, 'exec sleep 600');
    const rests = await create(daemon, 'exit 8');
    fillWhole();
    await refusalOf(async () => {
      for (;;) await create(daemon, 'true', { Labels: { long: 'x'.repeat(5000) } });
    });
    await daemon.kill();
    free();
    await daemon.boot();
    assert.equal((await inspect(daemon, runs)).State.Running, true);
    await daemon.client.json('POST', `/containers/${rests}/start`);
    assert.equal(await wait(daemon, rests), 8);
    await removeAll(daemon);
    await assertRecordsMatch(daemon);
    await assertNothingHalfMade(daemon);
    await assertNoLeaks(daemon);
  });
});
