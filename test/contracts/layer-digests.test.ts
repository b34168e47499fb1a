/** Contract of LayerDigests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { archive, file, OverlayWorld, run, sha256 } from '#test/contracts/layer-archives.ts';

const makeBlobs = async (world: OverlayWorld) => {
  const tar = await archive(file('a', 'x'.repeat(300_000)));
  const plain = world.blob(tar);
  run('bzip2', '-k', plain);
  run('xz', '-k', plain);
  const blobs = {
    '': plain,
    '+gzip': world.blob(gzipSync(tar)),
    '+zstd': world.blob(
      Buffer.concat([zstdCompressSync(tar.subarray(0, 1000)), zstdCompressSync(tar.subarray(1000))]),
    ),
    '+bzip2': `${plain}.bz2`,
    '+xz': `${plain}.xz`,
  };
  return { tar, blobs };
};

test('the DiffID is the digest of the uncompressed tar, whatever the compression', async () => {
  await using world = new OverlayWorld();
  await world.overlay.recover();
  const { tar, blobs } = await makeBlobs(world);
  for (const [suffix, path] of Object.entries(blobs))
    assert.deepEqual(await world.overlay.diffIdOf(path), {
      diffId: sha256(tar),
      mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
      tarBytes: tar.length,
    });
});

test('the uncompressed tar comes as a stream that may be left early', async () => {
  await using world = new OverlayWorld();
  await world.overlay.recover();
  const { tar, blobs } = await makeBlobs(world);
  for (const [suffix, path] of Object.entries(blobs)) {
    const chunks = await Array.fromAsync(world.overlay.uncompressed(path));
    assert.ok(Buffer.concat(chunks).equals(tar), suffix);
    for await (const chunk of world.overlay.uncompressed(path)) if (chunk.length > 0) break;
  }
});

test('damaged blobs are refused, an abort is heard', async () => {
  await using world = new OverlayWorld();
  await world.overlay.recover();
  const { tar } = await makeBlobs(world);
  const short = world.blob(gzipSync(tar).subarray(0, 100));
  await assert.rejects(world.overlay.diffIdOf(short), {
    kind: 'invalid',
    code: 'layer.corrupt',
    message: 'unexpected EOF',
  });
  await assert.rejects(Array.fromAsync(world.overlay.uncompressed(short)), {
    kind: 'invalid',
    code: 'layer.corrupt',
  });
  await assert.rejects(world.overlay.diffIdOf(short, AbortSignal.abort()), { kind: 'cancelled' });
  const zeros = gzipSync(Buffer.alloc(50_000_000));
  const long = world.blob(Buffer.concat(Array.from({ length: 200 }, () => zeros)));
  const controller = new AbortController();
  const digest = world.overlay.diffIdOf(long, controller.signal);
  setImmediate(() => controller.abort());
  await assert.rejects(digest, { kind: 'cancelled' });
});
