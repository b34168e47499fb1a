/** Contract of Snapshotter for archives made by an enemy: nothing leaves the layer, nothing half-made stays. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { archive, entry, file, OverlayWorld, someChainId, until } from '#test/contracts/layer-archives.ts';
import { TAR_END } from '#formats/tar/encode-header.ts';

import type { OverlayOptions } from '#adapters/overlay/overlay.ts';
import type { TarSource } from '#formats/tar/write-tar.ts';

const CANARY = '/tmp/gantry-canary';

/** Unpacks a blob that must be refused, and checks that nothing of it stays. */
const refused = async (
  bytes: Uint8Array,
  expected: object,
  options: Partial<OverlayOptions> = {},
): Promise<void> => {
  await using world = new OverlayWorld(options);
  const chainId = someChainId();
  await assert.rejects(world.overlay.unpackLayer({ chainId, blobPath: world.blob(bytes) }), expected);
  assert.equal(await world.overlay.hasLayer(chainId), false);
  await until('the half-made layer is gone', () => world.names('layers').length === 0);
  assert.equal(existsSync(CANARY), false);
};

/** By this process and its threads (proc(5), /proc/pid/io). */
const bytesWritten = (): number =>
  Number(/^wchar: (\d+)$/mu.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

const unpacked = async (world: OverlayWorld, ...sources: TarSource[]): Promise<string> =>
  world.diffOf(await world.layer(...sources));

/** Sets bytes of the first header and its checksum. */
const patched = (bytes: Buffer, at: number, text: string): Buffer => {
  bytes.write(text, at, 'latin1');
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
};

test('names that climb out are refused, those that stay inside are not', async () => {
  for (const path of ['../x', 'a/../../x', '/..', '..', './../x', `${'../'.repeat(20)}tmp/gantry-canary`])
    await refused(await archive(file(path)), { kind: 'invalid', code: 'layer.path-escapes' });
  await refused(await archive(file('../.wh.x')), { kind: 'invalid', code: 'layer.path-escapes' });
  await refused(await archive(file('x/.wh...')), { kind: 'invalid', code: 'layer.bad-entry' });
  await using world = new OverlayWorld();
  const diff = await unpacked(
    world,
    file('a/../b'),
    file('/tmp/gantry-canary', 'inside'),
    file('.//c//d/'),
    file('..e'),
  );
  for (const path of ['b', 'c/d', '..e']) assert.ok(existsSync(join(diff, path)), path);
  assert.equal(readFileSync(join(diff, CANARY), 'utf8'), 'inside');
  assert.equal(existsSync(CANARY), false);
});

test('links to the outside are kept as they are and lead nowhere while unpacking', async () => {
  await using world = new OverlayWorld();
  const diff = await unpacked(
    world,
    entry('directory', 'tmp'),
    entry('symlink', 'absolute', { linkPath: '/tmp' }),
    file('absolute/gantry-canary', 'one'),
    entry('symlink', 'climbing', { linkPath: '../../../../../../../../tmp' }),
    file('climbing/second', 'two'),
    entry('symlink', 'chain-1', { linkPath: 'chain-2' }),
    entry('symlink', 'chain-2', { linkPath: '/climbing' }),
    file('chain-1/third', 'three'),
    entry('symlink', 'victim', { linkPath: '/tmp/gantry-canary' }),
    file('victim', 'replaced'),
    entry('symlink', 'folder', { linkPath: '/tmp' }),
    entry('directory', 'folder'),
    file('folder/own'),
    file('chain-1/.wh.hidden'),
  );
  assert.equal(readlinkSync(join(diff, 'absolute')), '/tmp');
  assert.equal(readFileSync(join(diff, 'tmp/gantry-canary'), 'utf8'), 'one');
  assert.equal(readFileSync(join(diff, 'tmp/second'), 'utf8'), 'two');
  assert.equal(readFileSync(join(diff, 'tmp/third'), 'utf8'), 'three');
  assert.equal(readFileSync(join(diff, 'victim'), 'utf8'), 'replaced');
  assert.ok(lstatSync(join(diff, 'folder')).isDirectory(), 'a directory replaces a link');
  assert.equal(existsSync(join(diff, 'tmp/hidden')), false, 'there is nothing to hide');
  for (const name of ['gantry-canary', 'second', 'third', 'own', 'hidden'])
    assert.equal(existsSync(join('/tmp', name)), false, name);
});

test('links that lead nowhere cannot be built upon', async () => {
  for (const linkPath of ['/nowhere', 'loop', '/etc/passwd'])
    await refused(await archive(entry('symlink', 'loop', { linkPath }), file('loop/x')), {
      kind: 'invalid',
      code: 'layer.bad-entry',
    });
});

test('hard links reach no file outside the layer', async () => {
  for (const linkPath of ['/etc/passwd', '/proc/self/exe', 'missing'])
    await refused(await archive(entry('hard-link', 'hard', { linkPath })), {
      kind: 'invalid',
      code: 'layer.bad-entry',
    });
  await refused(await archive(entry('hard-link', 'hard', { linkPath: '../../etc/passwd' })), {
    code: 'layer.path-escapes',
  });
  await refused(await archive(entry('directory', 'd'), entry('hard-link', 'hard', { linkPath: 'd' })), {
    code: 'layer.bad-entry',
  });
  await using world = new OverlayWorld();
  const diff = await unpacked(
    world,
    entry('symlink', 'passwd', { linkPath: '/etc/passwd' }),
    entry('hard-link', 'hard', { linkPath: 'passwd' }),
    file('a', 'text'),
    entry('hard-link', 'a', { linkPath: 'a' }),
    entry('hard-link', 'deep/b', { linkPath: '/a' }),
  );
  assert.ok(lstatSync(join(diff, 'hard')).isSymbolicLink(), 'the link itself, not what it points to');
  assert.equal(readFileSync(join(diff, 'deep/b'), 'utf8'), 'text');
});

test('devices and fifos are made, never opened', async () => {
  await using world = new OverlayWorld();
  const diff = await unpacked(
    world,
    entry('fifo', 'pipe', { mode: 0o600 }),
    file('pipe', 'a file instead'),
    entry('fifo', 'other'),
    entry('character-device', 'null', { deviceMajor: 1, deviceMinor: 3, mode: 0o4666, uid: 3, gid: 4 }),
    entry('block-device', 'disk', { deviceMajor: 4095, deviceMinor: 1_048_575 }),
  );
  assert.equal(readFileSync(join(diff, 'pipe'), 'utf8'), 'a file instead');
  assert.ok(lstatSync(join(diff, 'other')).isFIFO());
  const { mode, rdev, uid, gid } = lstatSync(join(diff, 'null'));
  assert.deepEqual([mode & 0o7777, rdev, uid, gid], [0o4666, 259, 3, 4]);
});

test('attributes that steer overlayfs are left out', async () => {
  await using world = new OverlayWorld();
  const xattrs = new Map([
    ['trusted.overlay.redirect', Buffer.from('/etc')],
    ['trusted.overlay.opaque', Buffer.from('y')],
    ['user.kept', Buffer.from('1')],
  ]);
  const base = await world.layer(file('d/below'));
  const merged = await world.root('r', base, await world.layer(entry('directory', 'd', { xattrs })));
  assert.ok(existsSync(join(merged, 'd/below')));
});

test('archives cut short and garbage are refused', async () => {
  const tar = await archive(file('a', 'x'.repeat(2_000_000)), file('b'));
  const truncated = { kind: 'invalid', message: 'unexpected EOF' };
  await refused(tar.subarray(0, 1_000_000), truncated);
  await refused(tar.subarray(0, 700), truncated);
  for (const compress of [gzipSync, zstdCompressSync]) {
    const whole = compress(tar);
    await refused(whole.subarray(0, whole.length - 20), truncated);
    await refused(compress(tar.subarray(0, 1_000_000)), truncated);
    await refused(compress(Buffer.from('no tar at all '.repeat(100))), {
      kind: 'invalid',
      code: 'tar.invalid-header',
    });
    const damaged = Buffer.from(whole);
    damaged.fill(0xaa, 40, 60);
    await refused(damaged, { kind: 'invalid' });
  }
  await refused(Buffer.from('BZh9garbage'), { kind: 'invalid', code: 'layer.corrupt' });
  await refused(Buffer.concat([Buffer.from('fd377a585a00', 'hex'), Buffer.from('garbage')]), {
    kind: 'invalid',
  });
  await refused(Buffer.alloc(3000, 'garbage'), { kind: 'invalid', code: 'tar.invalid-header' });
});

test('a window of two gigabytes is refused', async () => {
  const tar = await archive(file('a'));
  // RFC 8878: magic, a frame header that holds the window's size, one raw block that is the last.
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 0, 0, 0]);
  head.writeUIntLE((tar.length << 3) | 1, 6, 3);
  const before = process.memoryUsage.rss();
  await refused(Buffer.concat([head, tar]), { kind: 'invalid', code: 'layer.corrupt' });
  assert.ok(process.memoryUsage.rss() - before < 512 * 1024 ** 2);
});

test('an empty archive is an empty layer', async () => {
  await using world = new OverlayWorld();
  for (const bytes of [TAR_END, Buffer.alloc(0), gzipSync(TAR_END)]) {
    const chainId = someChainId();
    const { sizeBytes } = await world.overlay.unpackLayer({ chainId, blobPath: world.blob(bytes) });
    assert.equal(sizeBytes, 0);
  }
});

test('names, types and owners no file system takes are refused', async () => {
  await refused(await archive(file('n'.repeat(300))), { kind: 'invalid', code: 'layer.bad-entry' });
  await refused(await archive(file('d/'.repeat(3000) + 'x')), {
    kind: 'invalid',
    code: 'tar.field-too-long',
  });
  await refused(await archive(file('a', '', { uid: 4_294_967_295 })), {
    kind: 'invalid',
    code: 'layer.bad-entry',
  });
  await refused(await archive(file('./')), { kind: 'invalid', code: 'layer.bad-entry' });
  await refused(await archive(file('a'), file('a/b')), { kind: 'invalid', code: 'layer.bad-entry' });
  await refused(patched(await archive(file('a')), 156, 'Q'), { kind: 'invalid', code: 'layer.bad-entry' });
});

test('a missing blob is an error of ours', async () => {
  await using world = new OverlayWorld();
  await assert.rejects(world.overlay.unpackLayer({ chainId: someChainId(), blobPath: '/nowhere/blob' }), {
    code: 'ENOENT',
  });
});

test('ten gigabytes of zeros are refused at the limit', async () => {
  const header = patched((await archive(file('zeros'))).subarray(0, 512), 124, '112402762000');
  const zeros = gzipSync(Buffer.alloc(50_000_000));
  const bomb = Buffer.concat([gzipSync(header), ...Array.from({ length: 200 }, () => zeros)]);
  const before = bytesWritten();
  await refused(bomb, { kind: 'invalid', code: 'layer.too-large' }, { limits: { layerBytes: 100_000_000 } });
  await refused(bomb, { kind: 'invalid', code: 'layer.too-large' }, { limits: { ratio: 100 } });
  assert.ok(bytesWritten() - before < 2_000_000_000);
});

test('limits of entries; holes cost nothing', async () => {
  const many = await archive(...Array.from({ length: 50 }, (_, index) => file(`f${index}`)));
  await refused(many, { kind: 'invalid', code: 'tar.too-many-entries' }, { limits: { entries: 49 } });
  await using world = new OverlayWorld({ limits: { layerBytes: 1_000_000 } });
  const hole = patched(await archive(file('sparse')), 386, '00000000000\x0000000000000\x00');
  hole.write('S', 156, 'latin1');
  const sparse = patched(hole, 483, '100000000000');
  const chainId = someChainId();
  await world.overlay.unpackLayer({ chainId, blobPath: world.blob(sparse) });
  const { size, blocks } = statSync(join(world.diffOf(chainId), 'sparse'));
  assert.equal(size, 8 ** 11);
  assert.ok(blocks < 100);
});
