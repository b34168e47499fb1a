/** Descriptors: content of another size than announced is refused; indexes in indexes end. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { isEngineError } from '#domain/error/engine-error.ts';
import { buildOciIndex } from '#formats/oci-image/build-manifest.ts';
import { MEDIA_TYPES } from '#formats/oci-image/media-types.ts';
import { startCuttingProxy } from '#test/support/cutting-proxy.ts';
import { startImages } from '#test/support/images-world.ts';
import { pushImage, putManifest, startRegistry } from '#test/support/registry.ts';
import { makeImage, makeTar, sha256 } from '#test/support/test-image.ts';

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
const PLATFORM = { os: 'linux', architecture: 'amd64' };

const pull = async (repository: string, tag: string, host = server.host): Promise<void> => {
  await Array.fromAsync(
    at.images.pull({ repository: `${host}/${repository}`, tag, platform: '', signal: never }),
  );
};

type Part = 'manifest' | 'config' | 'layer';

/** A change of the size that one descriptor announces. */
const lying = (image: TestImage, part: Part, by: number) => {
  const text = image.manifest.toString();
  const size = part === 'config' ? image.config.length : (image.layers[0]?.blob.length ?? 0);
  const told = part === 'manifest' ? text : text.replace(`"size":${size}`, `"size":${size + by}`);
  assert.equal(told === text, part === 'manifest');
  const manifest = Buffer.from(told);
  const sizeBytes = manifest.length + (part === 'manifest' ? by : 0);
  const descriptor = {
    mediaType: image.manifestType,
    digest: sha256(manifest),
    sizeBytes,
    platform: PLATFORM,
  };
  return { manifest, index: Buffer.from(buildOciIndex([descriptor])) };
};

const CASES = (['manifest', 'config', 'layer'] as const).flatMap((part) =>
  [-1, 1, 1000].map((by) => ({ part, by })),
);

const isRefused = (error: unknown): boolean =>
  isEngineError(error, 'invalid') && ['image.malformed', 'blob.too-long'].includes(error.code);

test('pull refuses what is shorter or longer than announced, also what it has already', async () => {
  const image = await makeImage({ family: 'oci', layers: [{ files: { a: 'a'.repeat(3000) } }] });
  const target = { url: server.url, repository: 'sizes', tag: 'honest' };
  await pushImage(target, image);
  for (const isThere of [false, true]) {
    if (isThere) await pull('sizes', 'honest');
    for (const { part, by } of CASES) {
      const { manifest, index } = lying(image, part, by);
      await putManifest({ ...target, tag: '' }, manifest, image.manifestType);
      await putManifest({ ...target, tag: 'lying' }, index, MEDIA_TYPES.ociIndex);
      await assert.rejects(pull('sizes', 'lying'), isRefused, `${part} ${by} ${isThere}`);
      assert.equal(at.images.list().length, isThere ? 1 : 0);
    }
  }
  assert.equal(at.images.get(image.id).image.id, image.id);
});

test('load refuses it in an OCI layout', async () => {
  const image = await makeImage({ family: 'oci', layers: [{ files: { a: 'a'.repeat(3000) } }] });
  const path = (bytes: Buffer): string => `blobs/sha256/${sha256(bytes).slice('sha256:'.length)}`;
  const archive = async (manifest: Buffer, index: Buffer): Promise<Buffer> =>
    makeTar({
      'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      'index.json': index,
      ...Object.fromEntries(
        [manifest, image.config, ...image.layers.map(({ blob }) => blob)].map((bytes) => [
          path(bytes),
          bytes,
        ]),
      ),
    });
  const load = async (bytes: Buffer): Promise<void> =>
    void (await Array.fromAsync(at.images.load(once(bytes), never)));
  for (const isThere of [false, true]) {
    for (const { part, by } of CASES) {
      const { manifest, index } = lying(image, part, by);
      await assert.rejects(load(await archive(manifest, index)), isRefused, `${part} ${by} ${isThere}`);
    }
    const { manifest, index } = lying(image, 'manifest', 0);
    await load(await archive(manifest, index));
    assert.equal(at.images.get(image.id).image.id, image.id);
  }
});

test('indexes in indexes are followed to a depth, and no index to itself', async () => {
  const image = await makeImage({ family: 'oci' });
  const target = { url: server.url, repository: 'nested', tag: '' };
  await pushImage(target, image);
  let inner = { bytes: image.manifest, mediaType: image.manifestType };
  for (let depth = 1; depth <= 5; depth += 1) {
    const descriptor = {
      mediaType: inner.mediaType,
      digest: sha256(inner.bytes),
      sizeBytes: inner.bytes.length,
      platform: PLATFORM,
    };
    const bytes = Buffer.from(buildOciIndex([descriptor]));
    inner = { bytes, mediaType: MEDIA_TYPES.ociIndex };
    await putManifest({ ...target, tag: `d${depth}` }, bytes, MEDIA_TYPES.ociIndex);
    await putManifest(target, bytes, MEDIA_TYPES.ociIndex);
  }
  for (const depth of [1, 2, 3]) await pull('nested', `d${depth}`);
  for (const depth of [4, 5])
    await assert.rejects(pull('nested', `d${depth}`), (error) => isEngineError(error, 'invalid'));
  const own = inner.bytes;
  await using proxy = await startCuttingProxy({
    upstream: server.url,
    rewrite: (path, body) => (path.includes('/manifests/') ? own : body),
  });
  await assert.rejects(pull('nested', 'd5', proxy.host), (error) => isEngineError(error, 'invalid'));
  assert.ok(proxy.requests.length < 10, proxy.requests.join(' '));
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
