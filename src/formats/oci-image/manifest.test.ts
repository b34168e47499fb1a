import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  blobPath,
  buildArchiveManifest,
  buildLayout,
  buildRepositories,
  checkLayout,
  parseArchiveManifest,
  parseRepositories,
} from '#formats/oci-image/archive.ts';
import { buildDockerManifest, buildOciIndex, buildOciManifest } from '#formats/oci-image/build-manifest.ts';
import { digestOf } from '#formats/oci-image/digest.ts';
import { legacyChain, parseLegacyImage } from '#formats/oci-image/legacy-archive.ts';
import { isMalformedImage } from '#formats/oci-image/malformed.ts';
import { parseManifest } from '#formats/oci-image/manifest.ts';
import { MEDIA_TYPES } from '#formats/oci-image/media-types.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const part = (text: string, mediaType: string) => ({
  mediaType,
  digest: digestOf(text),
  sizeBytes: text.length,
});
const refused = (value: unknown, words: RegExp, type = ''): void => {
  assert.throws(
    () => parseManifest(encode(value), type),
    (error) => isMalformedImage(error) && words.test(String(error)),
  );
};

test('manifests of both families read back', () => {
  const config = part('config', MEDIA_TYPES.ociConfig);
  const layers = [part('one', MEDIA_TYPES.ociLayerGzip), part('two', MEDIA_TYPES.ociLayerZstd)];
  for (const build of [buildOciManifest, buildDockerManifest]) {
    const parsed = parseManifest(build({ config, layers }), '');
    assert.equal(parsed.kind, 'image');
    assert.partialDeepStrictEqual(parsed, { config, layers });
  }
});

test('an index lists manifests with their platforms', () => {
  const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
  const index = parseManifest(
    buildOciIndex([{ ...part('m', MEDIA_TYPES.ociManifest), platform }, part('n', MEDIA_TYPES.ociManifest)]),
    '',
  );
  assert.ok(index.kind === 'index');
  assert.deepEqual(index.manifests[0]?.platform, { ...platform, osVersion: '' });
  assert.equal(index.manifests[1]?.platform.os, '');
});

test('what we cannot or must not read is refused with its reason', () => {
  const config = { digest: digestOf('c'), size: 1 };
  refused({ schemaVersion: 1, name: 'x' }, /schema version 1/);
  refused({ schemaVersion: 2, config, manifests: [] }, /at once/);
  refused({ schemaVersion: 2, config, layers: [] }, /media type/, MEDIA_TYPES.dockerList);
  refused({ schemaVersion: 2, layers: [] }, /no config/);
  refused({ schemaVersion: 2, config: { digest: 'sha256:1', size: 1 } }, /digest/);
  refused({ schemaVersion: 2, config, layers: [{ ...config, size: -1 }] }, /negative/);
  refused({ schemaVersion: 2, config, layers: [{ ...config, size: 1.5 }] }, /whole number/);
  refused({ schemaVersion: 2, config, layers: [{ ...config, urls: ['http://x'] }] }, /foreign/);
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  refused({ schemaVersion: 2, config, layers: [{ ...config, mediaType: foreign }] }, /foreign/);
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.throws(() => parseManifest(new TextEncoder().encode(text), ''), isMalformedImage);
    }),
  );
});

test('archive descriptions read back', () => {
  const images = [
    { configPath: 'c.json', layerPaths: ['a/layer.tar'], tags: ['busybox:latest'] },
    { configPath: 'd.json', layerPaths: [], tags: [] },
  ];
  assert.deepEqual(
    parseArchiveManifest(buildArchiveManifest(images.map((image) => ({ ...image, sources: {} })))),
    images,
  );
  const tags = [{ repository: 'a/b', tag: '1', id: 'f'.repeat(64) }];
  assert.deepEqual(parseRepositories(buildRepositories(tags)), tags);
  checkLayout(buildLayout());
  assert.throws(() => checkLayout(encode({ imageLayoutVersion: '9' })), isMalformedImage);
  assert.throws(() => blobPath('sha256:../../x'), isMalformedImage);
});

test('a ring or a gap of old images is refused', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const ring = new Map([
    [a, parseLegacyImage(encode({ parent: b }), a)],
    [b, parseLegacyImage(encode({ parent: a }), b)],
  ]);
  assert.throws(() => legacyChain(a, ring), isMalformedImage);
  ring.delete(b);
  assert.throws(() => legacyChain(a, ring), isMalformedImage);
});
