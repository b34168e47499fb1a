/** Contract of RootArchive on real overlay roots: what changed, archives out and in. */
import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { until } from '#test/support/clients/until.ts';

import { createRootArchive } from '#adapters/root-archive/create-root-archive.ts';
import { ROOT_GROUND } from '#domain/container/mounts/root-ground.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { RootView } from '#engine/ports/root-archive.ts';
import { readTar } from '#formats/tar/read-tar.ts';
import { archive, entry, file, OverlayWorld, run, someChainId } from '#test/contracts/layer-archives.ts';

import type { ThreadedRootArchive } from '#adapters/root-archive/create-root-archive.ts';

const archiveOf = (world: OverlayWorld): ThreadedRootArchive =>
  createRootArchive({
    foldersOf: (id) => world.overlay.foldersOf(id),
    holdRoot: async (id) => world.overlay.holdRoot(id),
  });

const still = (id: string, more: Partial<RootView> = {}): RootView => ({
  id,
  mounts: [],
  readonlyRoot: false,
  ...more,
});

const bytesOf = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(source));

const namesIn = async (source: AsyncIterable<Uint8Array>): Promise<string[]> => {
  const names: string[] = [];
  for await (const { path } of readTar(source)) names.push(path.toString());
  return names;
};

const one = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
};

const baseLayer = async (world: OverlayWorld): Promise<string> =>
  world.layer(
    entry('directory', 'etc'),
    file('etc/passwd', 'root:x:0:0'),
    file('etc/group', 'g'),
    entry('directory', 'srv'),
    file('srv/hello.txt', 'hello'),
    entry('directory', 'gone'),
    file('gone/a', 'a'),
    entry('directory', 'renewed'),
    file('renewed/old', 'o'),
    entry('symlink', 'link', { linkPath: '/srv' }),
    entry('directory', 'proc'),
  );

test('changes: who leaves in the middle of a long list ends the work', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  await world.overlay.createRoot('many', [await baseLayer(world)], ROOT_GROUND);
  const path = await world.overlay.mountRoot('many');
  for (let folder = 0; folder < 20; folder += 1) {
    mkdirSync(join(path, `d${folder}`));
    for (let name = 0; name < 500; name += 1) writeFileSync(join(path, `d${folder}`, String(name)), '');
  }
  assert.ok((await archives.changes('many')).length > 10_000);
  const leaving = new AbortController();
  // More than there are threads: each of them must be free again.
  const asked = Array.from({ length: 4 }, async () => archives.changes('many', leaving.signal));
  setImmediate(() => leaving.abort());
  await Promise.all(
    asked.map(async (work) => assert.rejects(work, (error) => isEngineError(error, 'cancelled'))),
  );
});

test('changes: kinds, parents, order; what the engine makes is no change', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  await world.overlay.createRoot('web', [await baseLayer(world)], ROOT_GROUND);
  const root = await world.overlay.mountRoot('web');
  assert.deepEqual(await archives.changes('web'), []);
  writeFileSync(join(root, 'srv/new'), 'x');
  rmSync(join(root, 'etc/group'));
  writeFileSync(join(root, 'etc/passwd'), 'changed');
  rmSync(join(root, 'gone'), { recursive: true });
  mkdirSync(join(root, 'added/deep'), { recursive: true });
  rmSync(join(root, 'renewed'), { recursive: true });
  mkdirSync(join(root, 'renewed'));
  assert.deepEqual(
    (await archives.changes('web')).map(({ path, kind }) => `${kind[0] ?? ''} ${path}`),
    [
      'a /added',
      'a /added/deep',
      'm /etc',
      'd /etc/group',
      'm /etc/passwd',
      'd /gone',
      'm /renewed',
      'd /renewed/old',
      'm /srv',
      'a /srv/new',
    ],
  );
});

test('what every root has: empty, in place of what the image has there, and no part of a layer', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  const image = await world.layer(
    entry('directory', 'etc', { mode: 0o750, uid: 3, modified: { seconds: 5, nanoseconds: 7 } }),
    file('etc/hosts', '127.0.0.1 build-machine'),
    entry('symlink', 'etc/resolv.conf', { linkPath: '../run/resolv.conf' }),
    file('etc/mtab', 'old'),
    file('other'),
    entry('directory', 'proc', { mode: 0o555 }),
    entry('symlink', 'sys', { linkPath: '/nowhere' }),
  );
  await world.overlay.createRoot('web', [image], ROOT_GROUND);
  const root = await world.overlay.mountRoot('web');
  const kinds = run('sh', '-c', `cd ${root} && find . | sort | xargs stat -c '%n %F %a %u'`);
  assert.deepEqual(kinds.trim().split('\n'), [
    '. directory 755 0',
    './.dockerenv regular empty file 755 0',
    './dev directory 755 0',
    './dev/console regular empty file 755 0',
    './dev/pts directory 755 0',
    './dev/shm directory 755 0',
    './etc directory 750 3',
    './etc/hostname regular empty file 755 0',
    './etc/hosts regular empty file 755 0',
    './etc/mtab symbolic link 777 0',
    './etc/resolv.conf regular empty file 755 0',
    './other regular empty file 644 0',
    './proc directory 555 0',
    './sys directory 755 0',
  ]);
  assert.equal(readlinkSync(join(root, 'etc/mtab')), '/proc/mounts');
  assert.equal(statSync(join(root, 'etc'), { bigint: true }).mtimeNs, 5_000_000_007n);
  assert.deepEqual(await archives.changes('web'), []);
  assert.deepEqual(await namesIn(archives.diffTar('web')), []);
  assert.equal((await world.overlay.usage('web')).writableBytes, 0);
  writeFileSync(join(root, 'etc/passwd'), 'x');
  writeFileSync(join(root, '.dockerenv'), 'mine');
  assert.deepEqual(await namesIn(archives.diffTar('web')), ['.dockerenv', 'etc/', 'etc/passwd']);
  assert.deepEqual(
    (await archives.changes('web')).map(({ path, kind }) => `${kind[0] ?? ''} ${path}`),
    ['m /.dockerenv', 'm /etc', 'a /etc/passwd'],
  );
});

test('a layer tar, unpacked again over the same layers, gives the same files', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  const base = await baseLayer(world);
  const root = await world.root('web', base);
  writeFileSync(join(root, 'srv/new'), 'n'.repeat(3_000_000));
  linkSync(join(root, 'srv/new'), join(root, 'srv/twin'));
  rmSync(join(root, 'etc/group'));
  rmSync(join(root, 'renewed'), { recursive: true });
  mkdirSync(join(root, 'renewed'));
  writeFileSync(join(root, 'renewed/fresh'), '');
  symlinkSync('/nowhere', join(root, 'dangling'));
  chownSync(join(root, 'etc/passwd'), 12, 34);
  const tar = await bytesOf(archives.diffTar('web'));
  const chainId = someChainId();
  await world.overlay.unpackLayer({ chainId, blobPath: world.blob(tar), below: [base] });
  const again = await world.root('again', base, chainId);
  const list = (folder: string): string =>
    run(
      'sh',
      '-c',
      `cd ${folder} && find . | sort | xargs -d '\\n' stat -c '%n %f %u %g %N' && cat etc/passwd srv/*`,
    );
  assert.equal(list(again), list(root));
});

test('what is at a path: links inside the root, trailing slashes, what is missing', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  const root = await world.root('web', await baseLayer(world));
  symlinkSync('/etc/passwd', join(root, 'srv/secret'));
  const stat = (path: string) => archives.stat(still('web'), path);
  const file1 = await stat('/srv/hello.txt');
  assert.equal(`${file1.name} ${file1.kind} ${file1.sizeBytes}`, 'hello.txt file 5');
  assert.equal((await stat('link')).linkTarget, '/srv');
  assert.equal((await stat('link')).kind, 'symlink');
  assert.equal((await stat('link/')).kind, 'directory');
  for (const path of ['link/.', 'link/./', './', '/./', '.'])
    assert.equal((await stat(path)).name, '.', path);
  assert.equal((await stat('/')).name, '/');
  assert.equal((await stat('/link/hello.txt')).kind, 'file');
  assert.equal((await stat('/../../srv')).kind, 'directory');
  await assert.rejects(
    stat('/nope'),
    (error) => isEngineError(error, 'not-found') && error.code === 'archive.not-found',
  );
  await assert.rejects(stat('/srv/hello.txt/'), { code: 'archive.not-a-directory' });
});

test('archives out: names as asked for, links as links, sockets left out', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  await world.root('web', await baseLayer(world));
  const names = async (path: string, follow = false) =>
    namesIn((await archives.read(still('web'), { path, follow })).content);
  assert.deepEqual(await names('/srv'), ['srv/', 'srv/hello.txt']);
  assert.deepEqual(await names('/link'), ['link']);
  assert.deepEqual(await names('/link/'), ['link/', 'link/hello.txt']);
  assert.deepEqual(await names('/srv/.'), ['./', './hello.txt']);
  assert.deepEqual(await names('/link', true), ['srv/', 'srv/hello.txt']);
  assert.equal((await names('/')).includes('/srv/hello.txt'), true);
  assert.equal((await namesIn(archives.exportTar('web'))).includes('srv/hello.txt'), true);
  await assert.rejects(archives.read(still('web'), { path: '/nope', follow: false }), {
    code: 'archive.not-found',
  });
});

test('archives in: owners, kinds, compression, refusals', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  const root = await world.root('web', await baseLayer(world));
  const put = async (bytes: Uint8Array, more: object = {}, view: Partial<RootView> = {}): Promise<void> =>
    archives.write(still('web', view), { path: '/link', keepKinds: true, ...more }, one(bytes));
  await put(
    await archive(
      file('a', 'text', { uid: 5, gid: 6, mode: 0o4755, modified: { seconds: 77, nanoseconds: 0 } }),
    ),
  );
  const stats = lstatSync(join(root, 'srv/a'));
  assert.deepEqual([stats.uid, stats.gid, stats.mode & 0o7777, stats.mtimeMs], [5, 6, 0o4755, 77_000]);
  await put(gzipSync(await archive(file('d/e', 'zipped'))), { owner: { uid: 0, gid: 0 } });
  assert.equal(readFileSync(join(root, 'srv/d/e'), 'utf8'), 'zipped');
  const tar = await archive(file('d/f', 'in frames'));
  await put(Buffer.concat([tar.subarray(0, 600), tar.subarray(600)].map((part) => zstdCompressSync(part))));
  assert.equal(readFileSync(join(root, 'srv/d/f'), 'utf8'), 'in frames');
  const refused = (code: string) => ({ code });
  await assert.rejects(put(await archive(file('d', 'x'))), refused('archive.over-directory'));
  await assert.rejects(put(await archive(entry('directory', 'a'))), refused('archive.over-file'));
  await assert.rejects(put(await archive(file('../x', 'x'))), refused('archive.outside'));
  await assert.rejects(put(Buffer.from('no tar'.repeat(200))), /tar|header/i);
  await assert.rejects(put(await archive(), { path: '/nope' }), refused('archive.not-found'));
  await assert.rejects(put(await archive(), { path: '/srv/a' }), refused('archive.not-a-directory'));
  await assert.rejects(put(await archive(), {}, { readonlyRoot: true }), refused('archive.read-only-root'));
  await put(await archive(file('d', 'now a file')), { keepKinds: false });
  assert.equal(readFileSync(join(root, 'srv/d'), 'utf8'), 'now a file');
});

test('volumes of a stopped container are visible, and writable where they say so', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  const root = await world.root('web', await baseLayer(world));
  await world.overlay.unmountRoot('web');
  const volume = join(world.folder, 'volume');
  mkdirSync(volume);
  writeFileSync(join(volume, 'inside'), 'v');
  const point = {
    type: 'volume',
    name: 'v',
    source: volume,
    destination: '/data/v',
    driver: 'local',
    mode: '',
    propagation: '',
  } as const;
  const view = (writable: boolean) => still('web', { mounts: [{ ...point, writable }] });
  const content = (await archives.read(view(false), { path: '/data/v', follow: false })).content;
  assert.deepEqual(await namesIn(content), ['v/', 'v/inside']);
  const request = { path: '/data/v', keepKinds: true };
  await archives.write(view(true), request, one(await archive(file('put', 'p'))));
  assert.deepEqual(readdirSync(volume), ['inside', 'put']);
  await assert.rejects(archives.write(view(false), request, one(await archive(file('no', 'n')))), {
    code: 'archive.read-only-volume',
  });
  assert.equal(existsSync(root) && statSync(root).dev !== statSync(join(root, '..')).dev, false);
});

test('a reader that stops early and an upload that breaks leave nothing mounted and nothing half-written', async () => {
  await using world = new OverlayWorld();
  await using archives = archiveOf(world);
  const root = await world.root('web', await baseLayer(world));
  writeFileSync(join(root, 'big'), Buffer.alloc(20_000_000));
  await world.overlay.unmountRoot('web');
  const { content } = await archives.read(still('web'), { path: '/big', follow: false });
  for await (const _ of content) break;
  const unread = (await archives.read(still('web'), { path: '/big', follow: false })).content;
  await unread[Symbol.asyncIterator]().return?.();
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield (await archive(file('half', 'h'.repeat(100_000)))).subarray(0, 50_000);
    throw new Error('the client left');
  };
  await assert.rejects(
    archives.write(still('web'), { path: '/srv', keepKinds: true }, broken()),
    /client left/,
  );
  // Who stops reading does not wait for what is taken away behind him.
  await until(
    async () => !(await world.overlay.listRoots()).some(({ mounted }) => mounted),
    'nothing is mounted',
  );
  await world.overlay.mountRoot('web');
  assert.equal(existsSync(join(root, 'srv/half')), false);
});
