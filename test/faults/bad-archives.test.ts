import assert from 'node:assert/strict';
import { existsSync, statfsSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { writeTar } from '#formats/tar/write-tar.ts';
import type { TarSource } from '#formats/tar/write-tar.ts';
import { startCuttingProxy } from '#test/support/cutting-proxy.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { assertNoLeaks, assertNothingHalfMade } from '#test/support/faults/machine.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import { makeImage, sha256 } from '#test/support/test-image.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon[Symbol.asyncDispose]());
afterEach(async () => {
  // Whatever was refused: what was there is all there is.
  const images = await daemon.client.json<{ RepoTags: string[] }[]>('GET', '/images/json', {
    query: { all: 1 },
  });
  assert.deepEqual(
    images.map(({ RepoTags }) => RepoTags),
    [['busybox:latest']],
  );
  await assertNothingHalfMade(daemon);
  await assertNoLeaks(daemon);
});

const file = (path: string, content: Uint8Array | string = '', more: object = {}): TarSource => ({
  header: { kind: 'file', path, ...more },
  content: Buffer.from(content),
});

const tar = async (sources: readonly TarSource[]): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(writeTar(sources)));

/** As `docker save` writes it. */
const imageOf = async (layer: Buffer, diffId = sha256(layer)): Promise<TarSource[]> => {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [diffId] },
      config: {},
    }),
  );
  const name = `${sha256(config).slice(7)}.json`;
  const manifest = JSON.stringify([{ Config: name, RepoTags: ['bad:latest'], Layers: ['layer.tar'] }]);
  return [file('layer.tar', layer), file(name, config), file('manifest.json', manifest)];
};

type Frame = { readonly errorDetail?: { readonly message: string } };

/** The message the load was refused with, by status or in the stream. */
const refusal = async (upload: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> => {
  const source = (async function* () {
    yield* upload;
  })();
  const headers = { 'Content-Type': 'application/x-tar' };
  return refusedBy(() => daemon.client.frames<Frame>('POST', '/images/load', { upload: source, headers }));
};

const refusedBy = async (ask: () => AsyncIterable<Frame>): Promise<string> => {
  try {
    for await (const { errorDetail } of ask()) if (errorDetail !== undefined) return errorDetail.message;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  return assert.fail('nothing was refused');
};

describe('archives that are refused', () => {
  it('layers that climb out of their place', async () => {
    const outside = `/tmp/gantry-escaped-${process.pid}`;
    const name = outside.slice('/tmp/'.length);
    const layers: readonly TarSource[][] = [
      [file(`../../../../../../../../tmp/${name}`, 'x')],
      [file(`a/../../../../../../../../tmp/${name}`, 'x')],
      [{ header: { kind: 'hard-link', path: 'x', linkPath: '../../../../../../etc/passwd' } }],
    ];
    for (const layer of layers)
      assert.match(await refusal([await tar(await imageOf(await tar(layer)))]), /\.\.|link|outside|layer/);
    assert.equal(existsSync(outside), false);
  });

  it('archives whose own entries climb out, and devices among them', async () => {
    const image = await imageOf(await tar([file('ok')]));
    const device: TarSource = {
      header: { kind: 'character-device', path: 'layer.tar', deviceMajor: 1, deviceMinor: 5 },
    };
    for (const bad of [file('../../etc/gantry-escaped', 'x'), device])
      assert.match(await refusal([await tar([...image, bad])]), /archive/);
    assert.equal(existsSync('/etc/gantry-escaped'), false);
  });

  it('a layer that is not what the configuration says', async () => {
    const image = await imageOf(await tar([file('ok')]), sha256(Buffer.from('other')));
    assert.match(await refusal([await tar(image)]), /digest|diff/i);
  });

  it('no archive at all, an empty one, one without an image, one that was cut off', async () => {
    const image = await tar(await imageOf(await tar([file('big', Buffer.alloc(1_000_000))])));
    const zipped = gzipSync(image);
    for (const bytes of [
      Buffer.from('this is no archive'.repeat(100)),
      Buffer.alloc(0),
      Buffer.alloc(10_240),
      await tar([file('readme', 'hello')]),
      await tar([file('manifest.json', '{"broken')]),
      await tar([file('manifest.json', '[{"Config":"x","Layers":["y"]}]')]),
      image.subarray(0, 600_000),
      zipped.subarray(0, zipped.length / 2),
    ])
      assert.notEqual(await refusal([bytes]), '');
  });

  it('ten gigabytes of zeros in gzip, as a layer and as the archive, before they fill the disk', async () => {
    const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const head = (await tar([file('zeros')])).subarray(0, 512);
    const sizeOf = (header: Buffer, bytes: number): Buffer => {
      const sized = Buffer.from(header);
      sized.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
      sized.write('        ', 148, 'latin1');
      const sum = sized.reduce((total, byte) => total + byte, 0);
      sized.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      return sized;
    };
    const bomb = [
      gzipSync(sizeOf(head, 160 * 64 * 1024 * 1024)),
      ...Array.from({ length: 160 }, () => zeros),
    ];
    const earlier = statfsSync('/tmp');
    const layer = await tar(await imageOf(Buffer.concat(bomb), `sha256:${'0'.repeat(64)}`));
    assert.match(await refusal([layer]), /limit of 200 bytes for each compressed one/);
    assert.match(await refusal(bomb), /limit of 200 bytes for each compressed one/);
    const now = statfsSync('/tmp');
    assert.ok((earlier.bfree - now.bfree) * earlier.bsize < 2 * 1024 ** 3);
  });
});

describe('registries that send something else', () => {
  it('layers and configurations with other digests are refused, and the right ones taken later', async () => {
    await using registry = await startRegistry();
    const image = await makeImage();
    await pushImage({ url: registry.url, repository: 'r', tag: 'latest' }, image);
    const [layer] = image.layers;
    for (const digest of [sha256(image.config), layer?.digest ?? '']) {
      await using liar = await startCuttingProxy({
        upstream: registry.url,
        rewrite: (path, body) => (path.includes(digest) ? Buffer.from(body).fill(0x78) : body),
      });
      const words = await refusedBy(() =>
        daemon.client.frames<Frame>('POST', '/images/create', {
          query: { fromImage: `${liar.host}/r`, tag: 'latest' },
        }),
      );
      assert.match(words, /digest|verification|checksum/i);
    }
    const query = { fromImage: `${registry.host}/r`, tag: 'latest' };
    for await (const { errorDetail } of daemon.client.frames<Frame>('POST', '/images/create', { query }))
      assert.equal(errorDetail, undefined);
    await daemon.client.json('DELETE', `/images/${registry.host}/r`);
  });
});
