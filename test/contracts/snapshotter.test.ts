/** Contract of Snapshotter, on a real kernel: unpacking, roots, recovery. Hostile archives: snapshotter-hostile.test.ts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import {
  archive,
  entry,
  file,
  OverlayWorld,
  run,
  sha256,
  someChainId,
  until,
} from '#test/contracts/layer-archives.ts';

/** vfs_cap_data with bytes that are not UTF-8 on their own. */
const CAPABILITY = '01000002c0210400000000000000000000000000';

const LISTING = `import os,sys,hashlib
top=sys.argv[1].encode()
out=[]
def show(p):
  s=os.lstat(p); k=oct(s.st_mode); d=k.startswith('0o4')
  x=sorted((n,os.getxattr(p,n,follow_symlinks=False).hex()) for n in os.listxattr(p,follow_symlinks=False))
  c=os.readlink(p) if os.path.islink(p) else hashlib.sha256(open(p,'rb').read()).hexdigest() if os.path.isfile(p) else ''
  out.append(repr((p[len(top):],k,s.st_uid,s.st_gid,0 if d else s.st_size,s.st_mtime_ns,s.st_rdev,0 if d else s.st_nlink,c,x)))
  if d:
    for n in os.listdir(p): show(p+b'/'+n)
show(top)
print('\\n'.join(sorted(out)))`;

const list = (folder: string): string => run('python3', '-c', LISTING, folder);

const makeTree = (world: OverlayWorld): string => {
  const tree = join(world.folder, `tree-${readdirSync(world.folder).length}`);
  const long = join(tree, 'long-directory-name/'.repeat(8));
  mkdirSync(long, { recursive: true });
  writeFileSync(join(long, 'f'.repeat(120)), 'deep');
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from('ugly-\xc0\xff', 'latin1')]), 'ugly');
  writeFileSync(join(tree, 'grüße'), 'utf8');
  writeFileSync(join(tree, 'program'), 'x'.repeat(300_000));
  symlinkSync('t'.repeat(150), join(tree, 'pointer'));
  mkdirSync(join(tree, 'group'));
  run('python3', '-c', TREE_DETAILS, tree, CAPABILITY);
  return tree;
};

const TREE_DETAILS = `import os,sys
t=sys.argv[1]; os.chdir(t)
os.chown('program',12,3000000000); os.chmod('program',0o6755)
os.link('program','second-name')
os.setxattr('program','security.capability',bytes.fromhex(sys.argv[2]))
os.setxattr('program','user.a=b%c',b'\\xff\\x00\\n')
os.setxattr('group','user.dir',b'x')
os.mknod('char',0o20640,os.makedev(240,70000)); os.mknod('block',0o60600,os.makedev(7,3)); os.mkfifo('pipe',0o600)
os.chown('char',1,2); os.lchown('pointer',5,6)
open('sparse','wb').truncate(3000000)
with open('sparse','r+b') as f: f.seek(1000000); f.write(b'middle')
os.chown('group',0,77); os.chmod('group',0o2775); open('group/member','w').close()
os.utime('program',ns=(0,1600000000123456789)); os.utime('pointer',ns=(0,1500000000*10**9+5),follow_symlinks=False)
os.utime('grüße',ns=(0,-5*10**9)); os.utime('group',ns=(0,10**18+250000000)); os.utime('.',ns=(0,1234567890*10**9))`;

test('a layer comes out as GNU tar unpacks it, in each format', async () => {
  await using world = new OverlayWorld();
  const tree = makeTree(world);
  for (const format of [
    ['--format=pax', '--xattrs', '--xattrs-include=*'],
    ['--format=pax', '--xattrs', '--xattrs-include=*', '--sparse'],
    ['--format=gnu', '--sparse'],
  ]) {
    const tar = join(world.folder, 'tree.tar');
    const out = join(world.folder, `out-${format.length}`);
    mkdirSync(out);
    run('tar', '--numeric-owner', ...format, '-C', tree, '-cf', tar, '.');
    run('tar', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-xpf', tar, '-C', out);
    const chainId = someChainId();
    const layer = await world.overlay.unpackLayer({ chainId, blobPath: tar });
    assert.equal(list(world.diffOf(chainId)), list(out), format.join(' '));
    assert.equal(layer.diffId, sha256(readFileSync(tar)));
    // Without --sparse the zeros stand in the archive and are written as they come.
    if (format.includes('--sparse'))
      assert.ok(
        statSync(join(world.diffOf(chainId), 'sparse')).blocks < 100,
        `holes stay holes: ${format.join(' ')}`,
      );
  }
});

test('each compression gives the same layer', async () => {
  await using world = new OverlayWorld();
  const tar = await archive(file('etc/hostname', 'x'.repeat(100_000)), file('empty'));
  const plain = world.blob(tar);
  const blobs = {
    plain,
    gzip: world.blob(gzipSync(tar)),
    'gzip in members': world.blob(
      Buffer.concat([gzipSync(tar.subarray(0, 777)), gzipSync(tar.subarray(777))]),
    ),
    zstd: world.blob(zstdCompressSync(tar)),
    'zstd in frames': world.blob(
      Buffer.concat([
        Buffer.from('502a4d1804000000aabbccdd', 'hex'),
        zstdCompressSync(tar.subarray(0, 777)),
        zstdCompressSync(tar.subarray(777)),
      ]),
    ),
    bzip2: `${plain}.bz2`,
    xz: `${plain}.xz`,
  };
  run('bzip2', '-k', plain);
  run('xz', '-k', plain);
  for (const [name, blobPath] of Object.entries(blobs)) {
    const chainId = someChainId();
    const layer = await world.overlay.unpackLayer({ chainId, blobPath, expectedDiffId: sha256(tar) });
    assert.deepEqual(layer, { diffId: sha256(tar), sizeBytes: 100_000 }, name);
    assert.equal(statSync(join(world.diffOf(chainId), 'etc/hostname')).size, 100_000, name);
  }
});

test('whiteouts hide what lower layers have', async () => {
  await using world = new OverlayWorld();
  const base = await world.layer(
    ...['dir/a', 'dir/b', 'gone/x', 'opaque/old', 'late/old', 'remade/old', 'kept/old'].map((path) =>
      file(path, path),
    ),
  );
  const top = await world.layerOn(
    [base],
    entry('directory', 'dir'),
    file('dir/.wh.a'),
    file('.wh.gone'),
    entry('directory', 'opaque'),
    file('opaque/.wh..wh..opq'),
    file('opaque/new'),
    file('late/new'),
    file('late/.wh..wh..opq'),
    file('.wh.remade'),
    file('remade/new'),
    file('kept/new'),
    file('kept/.wh.new'),
    file('.wh..wh.plnk/1.2'),
    file('.wh..wh.aufs'),
  );
  const merged = await world.root('r', base, top);
  const names = (path: string) => readdirSync(join(merged, path)).sort();
  assert.deepEqual(names('.'), ['dir', 'kept', 'late', 'opaque', 'remade']);
  assert.deepEqual(names('dir'), ['b']);
  assert.deepEqual(names('opaque'), ['new']);
  assert.deepEqual(names('late'), ['new']);
  assert.deepEqual(names('remade'), ['new']);
  assert.deepEqual(names('kept'), ['new', 'old']);
});

test('later entries of a layer replace earlier ones of another kind', async () => {
  await using world = new OverlayWorld();
  const chainId = await world.layer(
    file('a/b/c', 'tree'),
    file('a', 'file now'),
    file('d', 'file'),
    entry('directory', 'd', { mode: 0o700 }),
    entry('symlink', 'e', { linkPath: 'd' }),
    file('e', 'no longer a link'),
    file('f', 'one'),
    file('f', 'two'),
    entry('directory', 'd', { mode: 0o750 }),
  );
  const diff = world.diffOf(chainId);
  assert.equal(readFileSync(join(diff, 'a'), 'utf8'), 'file now');
  assert.equal(statSync(join(diff, 'd')).mode & 0o777, 0o750);
  assert.equal(readFileSync(join(diff, 'e'), 'utf8'), 'no longer a link');
  assert.equal(readFileSync(join(diff, 'f'), 'utf8'), 'two');
});

test('a wrong DiffID is refused and leaves nothing', async () => {
  await using world = new OverlayWorld();
  const chainId = someChainId();
  const blobPath = world.blob(await archive(file('a')));
  await assert.rejects(world.overlay.unpackLayer({ chainId, blobPath, expectedDiffId: sha256('other') }), {
    kind: 'invalid',
    code: 'layer.digest-mismatch',
  });
  assert.equal(await world.overlay.hasLayer(chainId), false);
  await until('the half-made layer is gone', () => world.names('layers').length === 0);
  assert.deepEqual(world.names('l'), []);
});

test('unpacking is idempotent, and callers at the same time share the work', async () => {
  await using world = new OverlayWorld();
  const chainId = someChainId();
  const blobPath = world.blob(gzipSync(await archive(file('a', 'x'.repeat(3_000_000)))));
  const progress: number[] = [];
  const results = await Promise.all(
    Array.from({ length: 5 }, () =>
      world.overlay.unpackLayer({ chainId, blobPath, onProgress: (bytes) => progress.push(bytes) }),
    ),
  );
  const again = await world.overlay.unpackLayer({ chainId, blobPath: '/not/needed' });
  assert.equal(new Set([...results, again].map((layer) => layer.diffId)).size, 1);
  assert.deepEqual(await world.overlay.listLayers(), [chainId]);
  assert.equal(progress.at(-1), statSync(blobPath).size);
  await assert.rejects(world.overlay.unpackLayer({ chainId, blobPath, expectedDiffId: sha256('other') }), {
    code: 'layer.digest-mismatch',
  });
});

/** A blob that cannot be finished before someone reacts: 10 GB of zeros in a few MB. */
const longBlob = async (world: OverlayWorld): Promise<string> => {
  const header = (await archive(file('zeros', '', {}))).subarray(0, 512);
  header.write('112402762000', 124, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const zeros = gzipSync(Buffer.alloc(50_000_000));
  return world.blob(Buffer.concat([gzipSync(header), ...Array.from({ length: 200 }, () => zeros)]));
};

test('aborting stops the work at once, but not while another caller waits', async () => {
  await using world = new OverlayWorld();
  const blobPath = await longBlob(world);
  const chainId = someChainId();
  const [first, second] = [new AbortController(), new AbortController()];
  const started = Promise.withResolvers<void>();
  const one = world.overlay.unpackLayer({
    chainId,
    blobPath,
    signal: first.signal,
    onProgress: () => started.resolve(),
  });
  const two = world.overlay.unpackLayer({ chainId, blobPath, signal: second.signal });
  await started.promise;
  first.abort();
  await assert.rejects(one, { kind: 'cancelled' });
  assert.equal(world.names('layers').length, 1, 'the work goes on for the second');
  second.abort();
  await assert.rejects(two, { kind: 'cancelled' });
  await until('the half-made layer is gone', () => world.names('layers').length === 0);
  await assert.rejects(world.overlay.unpackLayer({ chainId, blobPath, signal: AbortSignal.abort() }), {
    kind: 'cancelled',
  });
});

test('kill -9 in the middle of unpacking leaves no layer after recovery', async () => {
  await using world = new OverlayWorld();
  const blobPath = await longBlob(world);
  const chainId = someChainId();
  const program = join(import.meta.dirname, 'unpack-in-child.ts');
  const child = spawn(process.execPath, [program, world.dataRoot, chainId, blobPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(world.names('layers').filter((name) => name.startsWith('.tmp-')).length, 1);
  await world.overlay.recover();
  await until('the half-made layer is gone', () => world.names('layers').length === 0);
  assert.equal(await world.overlay.hasLayer(chainId), false);
  assert.deepEqual(await world.overlay.listRoots(), [{ id: 'kept', mounted: true }]);
});

test('a removed layer is gone and can come back', async () => {
  await using world = new OverlayWorld();
  const chainId = await world.layer(file('a', 'once'));
  await world.overlay.removeLayer(chainId);
  assert.equal(await world.overlay.hasLayer(chainId), false);
  await world.overlay.removeLayer(chainId);
  await world.overlay.unpackLayer({ chainId, blobPath: world.blob(await archive(file('a', 'twice'))) });
  const merged = await world.root('r', chainId);
  assert.equal(readFileSync(join(merged, 'a'), 'utf8'), 'twice');
});

test('127 layers make a root', async () => {
  await using world = new OverlayWorld();
  const layers: string[] = [];
  for (let index = 0; index < 127; index += 1)
    layers.push(await world.layer(file(`f${index}`), file('top', `${index}`)));
  const merged = await world.root('deep', ...layers);
  assert.equal(readdirSync(merged).length, 128);
  assert.equal(readFileSync(join(merged, 'top'), 'utf8'), '126');
  const { LowerDir, UpperDir } = world.overlay.describeRoot('deep');
  assert.equal(LowerDir?.split(':').length, 127);
  assert.equal(LowerDir?.split(':')[0], world.diffOf(layers.at(-1) ?? ''));
  assert.ok(existsSync(UpperDir ?? ''));
});

test('a root without layers is empty and writable', async () => {
  await using world = new OverlayWorld();
  const merged = await world.root('bare');
  assert.deepEqual(readdirSync(merged), []);
  writeFileSync(join(merged, 'a'), 'x');
  assert.equal(statSync(merged).mode & 0o777, 0o755);
});

test('what is written to a root stays over unmounting, and goes with the root', async () => {
  await using world = new OverlayWorld();
  const base = await world.layer(file('a', 'base'));
  const merged = await world.root('r', base);
  writeFileSync(join(merged, 'a'), 'changed');
  assert.equal(await world.overlay.mountRoot('r'), merged, 'mounting again changes nothing');
  await world.overlay.unmountRoot('r');
  assert.equal(existsSync(merged), false);
  assert.deepEqual(await world.overlay.listRoots(), [{ id: 'r', mounted: false }]);
  await world.overlay.unmountRoot('r');
  await world.overlay.mountRoot('r');
  assert.equal(readFileSync(join(merged, 'a'), 'utf8'), 'changed');
  assert.equal(readFileSync(join(world.diffOf(base), 'a'), 'utf8'), 'base');
  await assert.rejects(world.overlay.createRoot('r', []), { kind: 'exists' });
  await world.overlay.removeRoot('r');
  await world.overlay.removeRoot('r');
  await assert.rejects(world.overlay.mountRoot('r'), { kind: 'not-found', code: 'root.not-found' });
  assert.deepEqual(await world.overlay.listRoots(), []);
});

test('a root in use is removed all the same', async () => {
  await using world = new OverlayWorld();
  const merged = await world.root('busy');
  const child = spawn('sleep', ['60'], { cwd: merged, stdio: 'ignore' });
  await once(child, 'spawn');
  await world.overlay.removeRoot('busy');
  assert.equal(existsSync(merged), false);
  child.kill();
  await once(child, 'exit');
});

test('many roots at once', async () => {
  await using world = new OverlayWorld();
  const base = await world.layer(file('a'));
  const ids = Array.from({ length: 40 }, (_, index) => `root-${index}`);
  await Promise.all(
    ids.map(async (id) => {
      const merged = await world.root(id, base);
      writeFileSync(join(merged, id), '');
      assert.deepEqual(readdirSync(merged).sort(), ['a', id].sort());
      await world.overlay.removeRoot(id);
    }),
  );
  assert.deepEqual(world.names('mounts'), []);
});

test('usage counts the writable layer and everything below it', async () => {
  await using world = new OverlayWorld();
  const merged = await world.root(
    'r',
    await world.layer(file('a', 'x'.repeat(1000))),
    await world.layer(file('b', 'x'.repeat(500))),
  );
  writeFileSync(join(merged, 'c'), 'x'.repeat(70));
  run('ln', join(merged, 'c'), join(merged, 'd'));
  assert.deepEqual(await world.overlay.usage('r'), { writableBytes: 70, rootBytes: 1570 });
});

test('mounts appear in mount namespaces that were made before', async () => {
  await using world = new OverlayWorld();
  await world.overlay.recover();
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'slave', 'sh', '-c', 'echo ready; exec sleep 60'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  await once(child.stdout, 'data');
  const merged = await world.root('seen', await world.layer(file('a', 'visible')));
  assert.equal(readFileSync(`/proc/${child.pid}/root${join(merged, 'a')}`, 'utf8'), 'visible');
  await world.overlay.removeRoot('seen');
  assert.doesNotMatch(readFileSync(`/proc/${child.pid}/mountinfo`, 'utf8'), /mounts\/seen/);
  child.kill();
  await once(child, 'exit');
});

test('recovery keeps mounted roots and clears the rest away', async () => {
  await using world = new OverlayWorld();
  const base = await world.layer(file('a', 'text'));
  await world.root('running', base);
  await world.root('orphan', base);
  await world.overlay.createRoot('stopped', [base]);
  await world.overlay[Symbol.asyncDispose]();
  run('rm', '-r', join(world.dataRoot, 'overlay/roots/orphan'));
  mkdirSync(join(world.dataRoot, 'overlay/roots/half-made/upper'), { recursive: true });
  mkdirSync(join(world.dataRoot, 'overlay/trash/old'), { recursive: true });
  run('rm', '-r', join(world.dataRoot, 'overlay/l'));
  const overlay = world.open();
  await overlay.recover();
  await until(
    'all is deleted',
    () => world.names('trash').length === 0 && !world.names('roots').includes('half-made'),
  );
  assert.deepEqual(
    (await overlay.listRoots()).sort((a, b) => (a.id < b.id ? -1 : 1)),
    [
      { id: 'running', mounted: true },
      { id: 'stopped', mounted: false },
    ],
  );
  assert.deepEqual(world.names('mounts'), ['running']);
  assert.equal(Buffer.from((await overlay.readFile('running', 'a')) ?? []).toString(), 'text');
  assert.equal(readFileSync(join(await overlay.mountRoot('stopped'), 'a'), 'utf8'), 'text');
});

test('disposing lets go of the shared mount when no root is mounted', async () => {
  await using world = new OverlayWorld();
  await world.overlay.recover();
  const mounts = join(world.dataRoot, 'overlay/mounts');
  assert.match(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(RegExp.escape(mounts)));
  await world.overlay[Symbol.asyncDispose]();
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(RegExp.escape(mounts)));
  world.open();
});

test('files of a root are read with links resolved inside it', async () => {
  await using world = new OverlayWorld();
  const merged = await world.root(
    'r',
    await world.layer(
      file('etc/passwd', 'inside'),
      entry('symlink', 'absolute', { linkPath: '/etc/passwd' }),
      entry('symlink', 'climbing', { linkPath: '../../../../../../etc/passwd' }),
      entry('symlink', 'dangling', { linkPath: '/nowhere' }),
      entry('symlink', 'loop', { linkPath: 'loop' }),
      entry('fifo', 'pipe'),
      file('big', 'x'.repeat(1024 * 1024)),
      file('bigger', 'x'.repeat(1024 * 1024 + 1)),
      file('empty'),
    ),
  );
  const read = async (path: string) => {
    const bytes = await world.overlay.readFile('r', path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString();
  };
  for (const path of ['etc/passwd', '/etc/passwd', 'absolute', 'climbing', '../../etc/passwd'])
    assert.equal(await read(path), 'inside', path);
  for (const path of ['missing', 'dangling', 'loop', 'pipe', 'etc', 'etc/passwd/x'])
    assert.equal(await read(path), undefined, path);
  assert.equal((await read('big'))?.length, 1024 * 1024);
  assert.equal(await read('empty'), '');
  await assert.rejects(read('bigger'), { kind: 'invalid', code: 'rootfs.file-too-large' });
  assert.deepEqual(
    await Promise.all(
      ['absolute', 'etc', 'pipe', 'dangling', 'missing', '/'].map((path) => world.overlay.kindOf('r', path)),
    ),
    ['file', 'directory', 'other', undefined, undefined, 'directory'],
  );
  await world.overlay.unmountRoot('r');
  await assert.rejects(world.overlay.readFile('r', 'etc/passwd'), {
    kind: 'conflict',
    code: 'root.not-mounted',
  });
  assert.equal(existsSync(merged), false);
});

test('directories and files for mount points are made inside the root', async () => {
  await using world = new OverlayWorld();
  const merged = await world.root(
    'r',
    await world.layer(
      file('file', 'kept'),
      entry('symlink', 'var/run', { linkPath: '/run' }),
      entry('symlink', 'out', { linkPath: '../../../../tmp/gantry-escape' }),
      entry('symlink', 'loop', { linkPath: 'loop' }),
    ),
  );
  const { overlay } = world;
  await overlay.makeDirectory('r', '/a/b/c');
  assert.equal(statSync(join(merged, 'a/b/c')).mode & 0o7777, 0o755);
  await overlay.makeDirectory('r', '/var/run/app');
  assert.ok(lstatSync(join(merged, 'run/app')).isDirectory(), 'through a dangling link');
  await overlay.makeDirectory('r', '/out/x');
  assert.ok(lstatSync(join(merged, 'tmp/gantry-escape/x')).isDirectory());
  assert.equal(existsSync('/tmp/gantry-escape'), false);
  for (const path of ['/file', '/file/x'])
    await assert.rejects(
      overlay.makeDirectory('r', path),
      { kind: 'conflict', code: 'rootfs.not-a-directory' },
      path,
    );
  await assert.rejects(overlay.makeDirectory('r', '/loop/x'), { kind: 'conflict' });
  await overlay.makeFile('r', '/etc/hosts');
  assert.equal(statSync(join(merged, 'etc/hosts')).mode & 0o7777, 0o644);
  await overlay.makeFile('r', '/file');
  assert.equal(readFileSync(join(merged, 'file'), 'utf8'), 'kept');
  await overlay.makeFile('r', '/a');
  await assert.rejects(overlay.makeFile('r', '/file/x'), {
    kind: 'conflict',
    code: 'rootfs.not-a-directory',
  });
});

test('copyOut copies content, owners, modes, links, times and attributes', async () => {
  await using world = new OverlayWorld();
  const tree = makeTree(world);
  const tar = join(world.folder, 'tree.tar');
  run(
    'tar',
    '--numeric-owner',
    '--format=pax',
    '--xattrs',
    '--xattrs-include=*',
    '-C',
    tree,
    '--transform=s,^\\.,data,S',
    '-cf',
    tar,
    '.',
  );
  const chainId = someChainId();
  await world.overlay.unpackLayer({ chainId, blobPath: tar });
  await world.root(
    'r',
    chainId,
    await world.layer(entry('symlink', 'alias', { linkPath: '/data' }), file('plain')),
  );
  for (const path of ['/data', 'alias']) {
    const target = join(world.folder, `copy-${path.replace('/', '')}`);
    mkdirSync(target);
    await world.overlay.copyOut('r', path, target);
    assert.equal(list(target), list(join(world.diffOf(chainId), 'data')), path);
  }
  await assert.rejects(world.overlay.copyOut('r', '/missing', world.folder), { kind: 'not-found' });
  await assert.rejects(world.overlay.copyOut('r', '/plain', world.folder), {
    kind: 'conflict',
    code: 'rootfs.not-a-directory',
  });
});

test('trees of any depth are deleted', async () => {
  await using world = new OverlayWorld();
  const merged = await world.root('deep');
  run(
    'python3',
    '-c',
    'import os,sys\nos.chdir(sys.argv[1])\nfor _ in range(1500): os.mkdir("directory"); os.chdir("directory")',
    merged,
  );
  await world.overlay.removeRoot('deep');
  await until('the tree is gone', () => world.names('trash').length === 0);
  assert.deepEqual(world.warnings, []);
});

test('ids that are no plain names are refused', async () => {
  await using world = new OverlayWorld();
  for (const id of ['', '..', 'a/b', 'a,b', '.tmp-x'])
    await assert.rejects(world.overlay.createRoot(id, []), { kind: 'invalid' }, id);
  for (const chainId of ['', 'sha256:..', `sha256:${'A'.repeat(64)}`])
    await assert.rejects(world.overlay.hasLayer(chainId), { kind: 'invalid' }, chainId);
  await world.overlay.recover();
});
