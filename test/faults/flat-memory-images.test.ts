import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { archiveOf, bigImage, countBytes, savedImage, serveImage } from '#test/support/faults/big-streams.ts';
import type { BigImage } from '#test/support/faults/big-streams.ts';
import { create, remove, run, wait } from '#test/support/faults/containers.ts';
import { assertFlat } from '#test/support/faults/growth.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon?.[Symbol.asyncDispose]());

type Frame = { readonly status?: string; readonly errorDetail?: { readonly message: string } };

const TAR = { 'Content-Type': 'application/x-tar' };

const untilDone = async (frames: AsyncIterable<Frame>): Promise<void> => {
  for await (const { errorDetail } of frames) assert.equal(errorDetail?.message, undefined);
};

const removeImage = (name: string): Promise<unknown> =>
  daemon.client.json('DELETE', `/images/${encodeURIComponent(name)}`, { query: { force: 1 } });

const load = (image: BigImage): Promise<void> =>
  untilDone(daemon.client.frames<Frame>('POST', '/images/load', { upload: savedImage(image), headers: TAR }));

/** Has `work` at a container whose root holds a file of so many bytes, which cost no disk. */
const withFilled = async (bytes: number, work: (id: string) => Promise<void>): Promise<void> => {
  const id = await run(daemon, `truncate -s ${bytes} /big`);
  assert.equal(await wait(daemon, id), 0);
  await work(id);
  await remove(daemon, id);
};

const download = async (path: string, bytes: number, query: Record<string, string> = {}): Promise<void> => {
  const total = await countBytes(await daemon.client.open('GET', path, { query }));
  assert.ok(total >= bytes, `${total} bytes came`);
};

const kinds: Readonly<Record<string, (bytes: number) => Promise<unknown>>> = {
  load: async (bytes) => {
    const image = await bigImage('loaded', bytes);
    await load(image);
    await removeImage('loaded');
  },
  pull: async (bytes) => {
    const image = await bigImage('pulled', bytes);
    await using registry = await serveImage(image);
    const name = `${registry.host}/pulled`;
    await untilDone(
      daemon.client.frames<Frame>('POST', '/images/create', { query: { fromImage: name, tag: 'latest' } }),
    );
    await removeImage(`${name}:latest`);
  },
  import: async (bytes) => {
    await untilDone(
      daemon.client.frames<Frame>('POST', '/images/create', {
        query: { fromSrc: '-', repo: 'imported', tag: 'latest' },
        upload: archiveOf(bytes, 'big'),
        headers: TAR,
      }),
    );
    await removeImage('imported');
  },
  'archive in': async (bytes) => {
    const id = await create(daemon, 'true');
    await daemon.client.json('PUT', `/containers/${id}/archive`, {
      query: { path: '/' },
      upload: archiveOf(bytes, 'big'),
      headers: TAR,
    });
    await remove(daemon, id);
  },
  'archive out': (bytes) =>
    withFilled(bytes, (id) => download(`/containers/${id}/archive`, bytes, { path: '/big' })),
  export: (bytes) => withFilled(bytes, (id) => download(`/containers/${id}/export`, bytes)),
  commit: (bytes) =>
    withFilled(bytes, async (id) => {
      await daemon.client.json('POST', '/commit', { query: { container: id, repo: 'committed' }, body: {} });
      await download('/images/committed/get', bytes);
      await removeImage('committed');
    }),
};

describe('memory stays flat over a gigabyte', () => {
  for (const [kind, carry] of Object.entries(kinds))
    it(`of ${kind}`, async (context: TestContext) => assertFlat(context, daemon.pid, carry));
});
