/** Contract of Snapshotter: what a layer leaves to those below it. */
import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { setAttribute, readAttributes } from '#adapters/libc/inode-calls.ts';
import {
  archive,
  entry,
  file,
  OverlayWorld,
  run,
  someChainId,
  until,
} from '#test/contracts/layer-archives.ts';

import type { TarSource } from '#formats/tar/write-tar.ts';

const TIME = { seconds: 1_234_567_890, nanoseconds: 123_456_789 };
const SPECIAL = {
  mode: 0o3711,
  uid: 12,
  gid: 34,
  modified: TIME,
  xattrs: new Map([['user.kind', Buffer.from('special')]]),
};

/** Unpacks archives on one another, base first, and mounts a root on them. */
const stack = async (world: OverlayWorld, ...archives: TarSource[][]): Promise<string> => {
  const below: string[] = [];
  for (const sources of archives) below.push(await world.layerOn([...below], ...sources));
  return world.root('r', ...below);
};

const natureOf = (path: string) => {
  const { mode, uid, gid, mtimeNs } = lstatSync(path, { bigint: true });
  const kind = readAttributes(path).get('user.kind')?.toString();
  return { mode: Number(mode) & 0o7777, uid: Number(uid), gid: Number(gid), mtimeNs, kind };
};

const INHERITED = {
  mode: 0o3711,
  uid: 12,
  gid: 34,
  mtimeNs: 1_234_567_890_123_456_789n,
  kind: 'special',
};

/** What walks over a tree as users' programs do must meet nothing broken. */
const walk = (merged: string): string[] =>
  run('find', merged, '-mindepth', '1', '-printf', '%P\\n', '-exec', 'stat', '-c', '', '{}', ';')
    .split('\n')
    .filter((line) => line !== '')
    .sort();

test('directories a layer does not name are as in the layers below', async () => {
  for (const [what, top] of Object.entries<TarSource[]>({
    'a file': [file('tmp/deep/q')],
    'a whiteout': [file('tmp/deep/.wh.old')],
    'an opaque mark': [file('tmp/deep/.wh..wh..opq')],
    'a link': [entry('symlink', 'tmp/deep/q', { linkPath: 'x' })],
    'a hard link': [entry('hard-link', 'tmp/deep/q', { linkPath: 'tmp/deep/old' })],
  })) {
    await using world = new OverlayWorld();
    const base = [
      entry('directory', '.', SPECIAL),
      entry('directory', 'tmp', SPECIAL),
      entry('directory', 'tmp/deep', SPECIAL),
      file('tmp/deep/old'),
    ];
    const merged = await stack(world, base, [file('other')], top);
    for (const path of ['.', 'tmp', 'tmp/deep'])
      assert.deepEqual(natureOf(join(merged, path)), INHERITED, `${what}: ${path}`);
  }
});

test('they are inherited over several layers, from the topmost that says something', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [entry('directory', 'a', { mode: 0o700, uid: 1 }), entry('directory', 'a/b', { mode: 0o1777, gid: 7 })],
    [file('a/b/one')],
    [entry('directory', 'a', { mode: 0o2750, uid: 2 })],
    [file('a/b/c/two')],
    [file('a/three')],
  );
  assert.equal(natureOf(join(merged, 'a')).mode, 0o2750);
  assert.equal(natureOf(join(merged, 'a')).uid, 2);
  assert.deepEqual([natureOf(join(merged, 'a/b')).mode, natureOf(join(merged, 'a/b')).gid], [0o1777, 7]);
  assert.equal(natureOf(join(merged, 'a/b/c')).mode, 0o755);
});

test('what the layer says itself goes first, also where it says it late', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [
      entry('directory', 'late', SPECIAL),
      entry('directory', 'gone', SPECIAL),
      entry('directory', 'linked', SPECIAL),
    ],
    [
      file('late/x'),
      entry('directory', 'late', { mode: 0o700, modified: { seconds: 5, nanoseconds: 0 } }),
      file('gone/x'),
      file('.wh.gone'),
      entry('symlink', 'way', { linkPath: 'linked' }),
      file('way/x'),
      entry('directory', 'linked', { mode: 0o711 }),
    ],
  );
  assert.deepEqual(natureOf(join(merged, 'late')), {
    mode: 0o700,
    uid: 0,
    gid: 0,
    mtimeNs: 5_000_000_000n,
    kind: undefined,
  });
  assert.equal(natureOf(join(merged, 'gone')).mode, 0o755, 'deleted and made anew');
  assert.equal(natureOf(join(merged, 'linked')).mode, 0o711);
});

test('a named directory keeps its time when deletions and links are put into it', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [file('d/old'), file('d/kept', 'text')],
    [
      entry('directory', 'd', { modified: TIME }),
      file('d/.wh.old'),
      entry('hard-link', 'd/second', { linkPath: 'd/kept' }),
    ],
  );
  assert.equal(natureOf(join(merged, 'd')).mtimeNs, INHERITED.mtimeNs);
  assert.deepEqual(walk(merged), ['d', 'd/kept', 'd/second']);
});

test('a parent that is a link below leads to where it points', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [
      entry('directory', 'usr/lib', SPECIAL),
      file('usr/lib/old'),
      file('usr/lib/away'),
      entry('symlink', 'lib', { linkPath: 'usr/lib' }),
      entry('symlink', 'var/lib', { linkPath: '/lib' }),
      entry('symlink', 'out', { linkPath: '../../../../tmp' }),
    ],
    [
      file('lib/new', 'text'),
      file('lib/sub/x'),
      file('var/lib/second'),
      file('lib/.wh.away'),
      entry('symlink', 'lib64', { linkPath: 'usr/lib' }),
      file('lib64/third'),
    ],
  );
  assert.equal(readlinkSync(join(merged, 'lib')), 'usr/lib');
  assert.equal(readlinkSync(join(merged, 'var/lib')), '/lib');
  assert.deepEqual(readdirSync(join(merged, 'usr/lib')).sort(), ['new', 'old', 'second', 'sub', 'third']);
  assert.deepEqual(natureOf(join(merged, 'usr/lib')), INHERITED);
});

test('a link of the layer may lead below, but to a directory only', async () => {
  await using world = new OverlayWorld();
  const blobPath = world.blob(await archive(entry('symlink', 'way', { linkPath: 'file' }), file('way/x')));
  const base = await world.layer(file('file'));
  await assert.rejects(world.overlay.unpackLayer({ chainId: someChainId(), blobPath, below: [base] }), {
    kind: 'invalid',
    code: 'layer.bad-entry',
  });
});

test('deletions of what is not there leave no mark', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [file('.wh.base'), file('d/.wh.x'), file('d/y'), file('e/old'), file('f/old'), file('g/old'), file('h')],
    [
      file('.wh.never'),
      file('new/.wh.x'),
      file('new/y'),
      file('nowhere/.wh.x'),
      file('d/.wh.never'),
      entry('directory', 'e'),
      file('e/.wh..wh..opq'),
      file('e/.wh.old'),
      file('e/z'),
      file('f/.wh.old'),
      file('f/.wh..wh..opq'),
      file('.wh.g'),
      file('g/.wh.old'),
      file('g/z'),
      entry('character-device', 'odd', { deviceMajor: 0, deviceMinor: 0 }),
      entry('character-device', 'h', { deviceMajor: 0, deviceMinor: 0 }),
    ],
    [file('f/.wh.old'), file('e/.wh.old'), file('new/.wh.y'), file('new/.wh.y2')],
  );
  assert.deepEqual(walk(merged), ['d', 'd/y', 'e', 'e/z', 'f', 'g', 'g/z', 'new']);
  run('cp', '-a', merged, join(world.folder, 'copy'));
  run('mv', join(merged, 'e'), join(world.folder, 'moved'));
});

test('an opaque root hides all below', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [file('a/x'), file('b'), entry('symlink', 'c', { linkPath: 'a' })],
    [file('.wh..wh..opq'), file('a/y'), file('d')],
  );
  assert.deepEqual(walk(merged), ['a', 'a/y', 'd']);
});

test('hard links to files of lower layers take their content and all that belongs to it', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [
      entry('directory', 'bin', SPECIAL),
      file('bin/tool', 'program', { mode: 0o4755, uid: 5, gid: 6, modified: TIME, xattrs: SPECIAL.xattrs }),
      entry('symlink', 'sbin', { linkPath: 'bin' }),
      entry('symlink', 'bin/pointer', { linkPath: '/etc/passwd' }),
    ],
    [file('other')],
    [
      entry('hard-link', 'one', { linkPath: 'bin/tool' }),
      entry('hard-link', 'deep/two', { linkPath: '/sbin/tool' }),
      entry('hard-link', 'three', { linkPath: 'one' }),
      entry('hard-link', 'pointer', { linkPath: 'bin/pointer' }),
      entry('hard-link', 'replaced', { linkPath: 'bin/tool' }),
      file('replaced', 'by a file'),
    ],
  );
  for (const path of ['bin/tool', 'one', 'deep/two', 'three']) {
    assert.equal(readFileSync(join(merged, path), 'utf8'), 'program', path);
    const nature = { mode: 0o4755, uid: 5, gid: 6, mtimeNs: INHERITED.mtimeNs, kind: 'special' };
    assert.deepEqual(natureOf(join(merged, path)), nature, path);
    assert.equal(statSync(join(merged, path)).ino, statSync(join(merged, 'one')).ino, path);
  }
  assert.equal(readlinkSync(join(merged, 'pointer')), '/etc/passwd', 'the link, not what it points to');
  assert.equal(readFileSync(join(merged, 'replaced'), 'utf8'), 'by a file');
  assert.deepEqual(natureOf(join(merged, 'bin')), INHERITED);
});

test('a file of a lower layer may get a new name and lose the old one', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [file('d/old', 'text'), file('e/old', 'other')],
    [
      entry('hard-link', 'd/new', { linkPath: 'd/old' }),
      file('d/.wh.old'),
      file('.wh.e'),
      entry('hard-link', 'e2', { linkPath: 'e/old' }),
      entry('hard-link', 'e3', { linkPath: 'e/old' }),
    ],
  );
  assert.deepEqual(walk(merged), ['d', 'd/new', 'e2', 'e3']);
  assert.equal(readFileSync(join(merged, 'd/new'), 'utf8'), 'text');
  assert.equal(readFileSync(join(merged, 'e3'), 'utf8'), 'other');
});

test('hard links to nothing, to directories and to the outside are refused on any layer', async () => {
  await using world = new OverlayWorld();
  const base = await world.layer(
    file('d/x'),
    entry('symlink', 'out', { linkPath: '/../../../../../../../etc' }),
    entry('symlink', 'loop', { linkPath: 'loop' }),
  );
  for (const linkPath of ['/etc/passwd', 'd', 'missing', 'out/passwd', 'loop/x', 'd/x/y'])
    await assert.rejects(
      world.overlay.unpackLayer({
        chainId: someChainId(),
        blobPath: world.blob(await archive(entry('hard-link', 'hard', { linkPath }))),
        below: [base],
      }),
      { kind: 'invalid', code: 'layer.bad-entry' },
      linkPath,
    );
});

test('the forms of aufs: files among its links, deletions as links to its own file', async () => {
  await using world = new OverlayWorld();
  const merged = await stack(
    world,
    [file('gone'), file('lower', 'below')],
    [
      file('.wh..wh.aufs', '', { mode: 0o444 }),
      entry('directory', '.wh..wh.orph', { mode: 0o700 }),
      entry('directory', '.wh..wh.plnk', { mode: 0o700 }),
      file('.wh..wh.plnk/181.2', 'shared', { mode: 0o755, uid: 3 }),
      entry('hard-link', '.wh..wh.plnk/182.2', { linkPath: 'lower' }),
      entry('hard-link', 'bin/one', { linkPath: '.wh..wh.plnk/181.2' }),
      entry('hard-link', 'bin/two', { linkPath: '/.wh..wh.plnk/181.2' }),
      entry('hard-link', 'bin/three', { linkPath: '.wh..wh.plnk/182.2' }),
      entry('hard-link', '.wh.gone', { linkPath: '.wh..wh.aufs' }),
    ],
  );
  assert.deepEqual(walk(merged), ['bin', 'bin/one', 'bin/three', 'bin/two', 'lower']);
  assert.equal(readFileSync(join(merged, 'bin/two'), 'utf8'), 'shared');
  assert.equal(readFileSync(join(merged, 'bin/three'), 'utf8'), 'below');
  assert.equal(statSync(join(merged, 'bin/one')).nlink, 2);
  assert.equal(statSync(join(merged, 'bin/one')).uid, 3);
});

test('layers of an image come in any order, all at a time', async () => {
  await using world = new OverlayWorld();
  const chain = Array.from({ length: 12 }, someChainId);
  const blobs = await Promise.all(
    chain.map(async (_, index) =>
      world.blob(
        await archive(
          ...(index === 0 ? [entry('directory', 'tmp', SPECIAL)] : []),
          file(`tmp/f${index}`, 'x'),
          ...(index === 0 ? [] : [file(`tmp/.wh.f${index - 1}`)]),
        ),
      ),
    ),
  );
  const order = [...chain.keys()].reverse();
  const all = order.map((index) =>
    world.overlay.unpackLayer({
      chainId: chain[index] ?? '',
      blobPath: blobs[index] ?? '',
      below: chain.slice(0, index),
    }),
  );
  await Promise.all(all);
  const merged = await world.root('r', ...chain);
  assert.deepEqual(walk(merged), ['tmp', 'tmp/f11']);
  assert.deepEqual(natureOf(join(merged, 'tmp')), INHERITED);
});

test('a layer whose lower one never comes waits for it, holds up nobody and can be stopped', async () => {
  await using world = new OverlayWorld({ workers: 1 });
  const blobPath = world.blob(await archive(file('a')));
  const leaving = new AbortController();
  const waiting = world.overlay.unpackLayer({
    chainId: someChainId(),
    blobPath,
    below: [someChainId()],
    signal: leaving.signal,
  });
  const other = await world.layer(file('b'));
  assert.ok(await world.overlay.hasLayer(other));
  leaving.abort();
  await assert.rejects(waiting, { kind: 'cancelled' });
  await until('the half-made layer is gone', () => world.names('layers').length === 1);
});

test("a container's root directory is as its image has it", async () => {
  await using world = new OverlayWorld();
  const merged = await stack(world, [entry('directory', '.', SPECIAL)], [file('x')]);
  assert.deepEqual(natureOf(merged), INHERITED);
  setAttribute(merged, 'user.kind', Buffer.from('changed'));
  assert.equal(natureOf(merged).kind, 'changed');
});
