import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { detectCompression, layerMediaType } from '#formats/compression/detect.ts';

test('each compression is known by its first bytes', () => {
  assert.equal(detectCompression(gzipSync('x')), 'gzip');
  assert.equal(detectCompression(zstdCompressSync(Buffer.from('x'))), 'zstd');
  assert.equal(detectCompression(Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])), 'zstd');
  assert.equal(detectCompression(Buffer.from('BZh91AY')), 'bzip2');
  assert.equal(detectCompression(Buffer.from('fd377a585a000004', 'hex')), 'xz');
});

test('unknown, short and empty beginnings are plain', () => {
  assert.equal(detectCompression(Buffer.from('etc/passwd')), 'plain');
  assert.equal(detectCompression(Buffer.from([0x1f])), 'plain');
  assert.equal(detectCompression(Buffer.alloc(0)), 'plain');
});

test('media types follow the OCI layer names', () => {
  assert.equal(layerMediaType('plain'), 'application/vnd.oci.image.layer.v1.tar');
  assert.equal(layerMediaType('gzip'), 'application/vnd.oci.image.layer.v1.tar+gzip');
});
