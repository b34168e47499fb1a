import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, remove, run, wait } from '#test/support/faults/containers.ts';

/** Without a restart of the daemon: what nothing needs any more is gone from the disk. */
describe('disk is given back', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const layers = (): string[] =>
    readdirSync(join(daemon.dataRoot, 'overlay/layers')).filter((name) => !name.startsWith('.'));
  const blobs = (): string[] => readdirSync(join(daemon.dataRoot, 'blobs/sha256'));

  it('when the last container of an image goes that was removed before it', async () => {
    assert.equal(layers().length, 1);
    const [first, second] = [await create(daemon, 'true'), await run(daemon, 'true')];
    await wait(daemon, second);
    await daemon.client.json('DELETE', '/images/busybox', { query: { force: 1 } });
    await until(() => blobs().length === 0, 'its blobs are gone');
    assert.equal(layers().length, 1);
    await remove(daemon, second);
    // The first one still stands on it.
    await daemon.client.json('POST', `/containers/${first}/start`);
    assert.equal(await wait(daemon, first), 0);
    assert.equal(layers().length, 1);
    await remove(daemon, first);
    await until(() => layers().length === 0, 'its layer is gone');
    await daemon.loadBusybox();
    assert.equal(layers().length, 1);
  });

  it('when the image is loaded again under a container, its layer stays with the image', async () => {
    const id = await create(daemon, 'true');
    await daemon.client.json('DELETE', '/images/busybox', { query: { force: 1 } });
    await daemon.loadBusybox();
    await remove(daemon, id);
    const next = await run(daemon, 'true');
    assert.equal(await wait(daemon, next), 0);
    assert.equal(layers().length, 1);
    await remove(daemon, next);
  });
});
