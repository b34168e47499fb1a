import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { TestDaemon, imageArchive } from '#test/support/daemon.ts';
import { anyMoment, openChance } from '#test/support/faults/chance.ts';
import { remove, run, wait } from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertNothingHalfMade } from '#test/support/faults/machine.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';

const ROUNDS = 6;

type Frame = { readonly errorDetail?: { readonly message: string } };

let daemon: TestDaemon;
let registry: TestRegistry;
before(async () => {
  registry = await startRegistry();
  daemon = await TestDaemon.start();
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const reboot = async (): Promise<void> => {
  await daemon.kill();
  await daemon.boot();
};

const finish = async (frames: AsyncIterable<Frame>): Promise<void> => {
  for await (const { errorDetail } of frames)
    if (errorDetail !== undefined) throw new Error(errorDetail.message);
};

const pull = (name: string): Promise<void> =>
  finish(
    daemon.client.frames<Frame>('POST', '/images/create', { query: { fromImage: name, tag: 'latest' } }),
  );

const load = async (): Promise<void> =>
  finish(
    daemon.client.frames<Frame>('POST', '/images/load', {
      upload: createReadStream(await imageArchive('busybox')),
      headers: { 'Content-Type': 'application/x-tar' },
    }),
  );

const hasImage = async (name: string): Promise<boolean> => {
  try {
    await daemon.client.json('GET', `/images/${name}/json`);
    return true;
  } catch {
    return false;
  }
};

describe('kill -9 of the daemon', () => {
  it('during pull: the image is there whole or not at all, and another pull completes it', async (context) => {
    const chance = openChance(context);
    const layers = Array.from({ length: 4 }, (_, layer) => ({
      files: Object.fromEntries(
        Array.from({ length: 40 }, (__, file) => [`l${layer}-${file}`, randomBytes(100_000)]),
      ),
    }));
    await pushImage({ url: registry.url, repository: 'big', tag: 'latest' }, await makeImage({ layers }));
    const name = `${registry.host}/big`;
    for (let round = 0; round < ROUNDS; round += 1) {
      const pulling = Promise.allSettled([pull(name), pull(name)]);
      await anyMoment(chance, 400);
      await reboot();
      await pulling;
      await assertNothingHalfMade(daemon);
      if (await hasImage(name)) await assertWhole(name);
      await pull(name);
      await assertWhole(name);
      await daemon.client.json('DELETE', `/images/${name}`);
      await assertNothingHalfMade(daemon);
    }
    await assertNoLeaks(daemon);
  });

  it('during load: the image is there whole or not at all', async (context) => {
    const chance = openChance(context);
    for (let round = 0; round < ROUNDS; round += 1) {
      await daemon.client.json('DELETE', '/images/busybox');
      const loading = Promise.allSettled([load()]);
      await anyMoment(chance, 100);
      await reboot();
      await loading;
      await assertNothingHalfMade(daemon);
      if (!(await hasImage('busybox'))) await load();
      const id = await run(daemon, 'test $(busybox --list | wc -l) -gt 100');
      assert.equal(await wait(daemon, id), 0);
      await remove(daemon, id);
    }
    await assertNoLeaks(daemon);
  });
});

/** All files of all layers, each of its size: read through a container's root by the busybox beside it. */
const assertWhole = async (name: string): Promise<void> => {
  const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
    body: {
      Image: name,
      Cmd: ['/busybox', 'sh', '-c', '[ $(/busybox ls -l / | /busybox grep -c " 100000 ") = 160 ]'],
      HostConfig: { Binds: ['/usr/bin/busybox:/busybox:ro'] },
    },
  });
  await daemon.client.json('POST', `/containers/${Id}/start`);
  assert.equal(await wait(daemon, Id), 0);
  await remove(daemon, Id);
};
