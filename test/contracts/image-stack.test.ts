/** Layers of images know those below them, whichever way they come. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { buildOciIndex } from '#formats/oci-image/build-manifest.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { startImages } from '#test/support/images-world.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import { makeImage, makeTar } from '#test/support/test-image.ts';

import type { Image } from '#domain/image/image.ts';
import type { TestImages } from '#test/support/images-world.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import type { TestImage } from '#test/support/test-image.ts';

let server: TestRegistry;
let at: TestImages;

before(async () => {
  server = await startRegistry();
});
after(async () => server[Symbol.asyncDispose]());
beforeEach(async () => {
  at = await startImages();
});
afterEach(async () => at[Symbol.asyncDispose]());

const never = new AbortController().signal;

/** Its second layer takes away a file of the first, its third adds one. */
const image = async (): Promise<TestImage> =>
  makeImage({
    layers: [
      { files: { 'd/old': 'old', 'd/kept': 'kept' } },
      { files: { 'd/.wh.old': '' } },
      { files: { 'd/new': 'new' } },
    ],
  });

const namesIn = async ({ layers }: Image, id: string): Promise<string[]> => {
  await at.overlay.createRoot(
    id,
    layers.map(({ chainId }) => chainId),
  );
  const merged = await at.overlay.mountRoot(id);
  try {
    return readdirSync(join(merged, 'd')).toSorted();
  } finally {
    await at.overlay.removeRoot(id);
  }
};

test('pulled, repaired after a loss, and built upon', async () => {
  await pushImage({ url: server.url, repository: 'stack', tag: 'v1' }, await image());
  const request = { repository: `${server.host}/stack`, tag: 'v1', platform: '', signal: never };
  await Array.fromAsync(at.images.pull(request));
  const pulled = at.images.get(`${server.host}/stack:v1`).image;
  assert.deepEqual(await namesIn(pulled, 'pulled'), ['kept', 'new']);

  for (const { chainId } of pulled.layers) await at.overlay.removeLayer(chainId);
  const { repairedLayers } = await at.images.recover();
  assert.equal(repairedLayers.length, 3);
  assert.deepEqual(await namesIn(pulled, 'repaired'), ['kept', 'new']);

  const layer = writeTar([
    { header: { kind: 'file', path: 'd/.wh.kept' } },
    { header: { kind: 'hard-link', path: 'd/twin', linkPath: 'd/new' } },
  ]);
  const about = { containerId: '', createdBy: '', author: '', comment: '', repository: '', tag: '' };
  const id = await at.images.addLayer({ ...about, parentId: pulled.id, layer, config: pulled.config });
  assert.deepEqual(await namesIn(at.images.get(id).image, 'built'), ['new', 'twin']);
});

test('loaded from either kind of archive', async () => {
  const { layers, config, id, manifest, manifestDigest, manifestType } = await image();
  const docker = {
    ...Object.fromEntries(layers.map(({ tar }, index) => [`${index}/layer.tar`, tar])),
    'c.json': config,
    'manifest.json': JSON.stringify([
      { Config: 'c.json', RepoTags: null, Layers: layers.map((_, index) => `${index}/layer.tar`) },
    ]),
  };
  const descriptor = { mediaType: manifestType, digest: manifestDigest, sizeBytes: manifest.length };
  const blob = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const oci = {
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': buildOciIndex([descriptor]),
    [blob(manifestDigest)]: manifest,
    [blob(id)]: config,
    ...Object.fromEntries(layers.map((layer) => [blob(layer.digest), layer.blob])),
  };
  for (const [kind, files] of Object.entries({ docker, oci })) {
    await Array.fromAsync(at.images.load(asStream(await makeTar(files)), never));
    assert.deepEqual(await namesIn(at.images.get(id).image, kind), ['kept', 'new'], kind);
    await at.images.remove(id, { force: true, prune: true });
  }
});

async function* asStream(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
