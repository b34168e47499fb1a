/** GNU tar and Python's tarfile as judges of our reader and writer, both ways. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { encodeTarHeader } from '#formats/tar/encode-header.ts';
import { readContent, readTar } from '#formats/tar/read-tar.ts';
import { writeTar } from '#formats/tar/write-tar.ts';

import type { TarEntry } from '#formats/tar/entry.ts';
import type { TarSource } from '#formats/tar/write-tar.ts';

/** vfs_cap_data with bytes that are not UTF-8 on their own. */
const CAPABILITY = Buffer.from('01000002c0210400000000000000000000000000', 'hex');
const LONG = `${'long-directory-name/'.repeat(8)}${'f'.repeat(120)}`;
const UGLY = Buffer.from('ugly-\xc0\xff-name', 'latin1');

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-tar-'));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  });

const python = (script: string, ...args: string[]): string => run('python3', '-c', script, ...args);

type Seen = TarEntry & { readonly bytes: Buffer };

const readAll = async (path: string): Promise<Map<string, Seen>> => {
  const seen = new Map<string, Seen>();
  for await (const entry of readTar(createReadStream(path, { highWaterMark: 1000 })))
    seen.set(entry.path.toString('latin1').replace(/\/$/, ''), { ...entry, bytes: await readContent(entry) });
  return seen;
};

const makeTree = (): string => {
  const tree = mkdtempSync(join(folder, 'tree-'));
  mkdirSync(join(tree, 'long-directory-name/'.repeat(8)), { recursive: true });
  writeFileSync(join(tree, LONG), 'deep');
  writeFileSync(join(tree, 'plain'), 'x'.repeat(1500));
  chmodSync(join(tree, 'plain'), 0o4755);
  utimesSync(join(tree, 'plain'), 1_600_000_000, 1_600_000_000.25);
  linkSync(join(tree, 'plain'), join(tree, 'second'));
  symlinkSync('t'.repeat(150), join(tree, 'pointer'));
  run('mknod', join(tree, 'device'), 'c', '240', '70000');
  run('mkfifo', join(tree, 'pipe'));
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), UGLY]), 'ugly');
  const sparse = openSync(join(tree, 'sparse'), 'w');
  for (let index = 0; index < 30; index += 1) writeSync(sparse, `data${index}`, index * 100_000);
  closeSync(sparse);
  truncateSync(join(tree, 'sparse'), 5_000_000);
  python(
    'import os,sys; p=sys.argv[1]; os.setxattr(p+"/plain","security.capability",bytes.fromhex(sys.argv[2])); os.setxattr(p+"/plain","user.a=b%c",b"\\xff\\x00\\n")',
    tree,
    CAPABILITY.toString('hex'),
  );
  return tree;
};

const checkTree = (seen: Map<string, Seen>, { hasXattrs, isPax }: { hasXattrs: boolean; isPax: boolean }) => {
  const sparse = Buffer.alloc(5_000_000);
  for (let index = 0; index < 30; index += 1) sparse.write(`data${index}`, index * 100_000);
  assert.equal(seen.get(`./${LONG}`)?.bytes.toString(), 'deep');
  assert.equal(seen.get(`./${UGLY.toString('latin1')}`)?.bytes.toString(), 'ugly');
  assert.equal(seen.get('./pointer')?.linkPath.toString(), 't'.repeat(150));
  assert.deepEqual(
    [seen.get('./device')?.kind, seen.get('./device')?.deviceMajor, seen.get('./device')?.deviceMinor],
    ['character-device', 240, 70_000],
  );
  assert.equal(seen.get('./pipe')?.kind, 'fifo');
  assert.ok(seen.get('./sparse')?.bytes.equals(sparse), 'sparse content');
  const [file, link] =
    seen.get('./plain')?.kind === 'file' ? ['./plain', './second'] : ['./second', './plain'];
  assert.equal(seen.get(link)?.kind, 'hard-link');
  assert.equal(seen.get(link)?.linkPath.toString(), file);
  assert.equal(seen.get(file)?.mode, 0o4755);
  assert.deepEqual(seen.get(file)?.modified, {
    seconds: 1_600_000_000,
    nanoseconds: isPax ? 250_000_000 : 0,
  });
  if (!hasXattrs) return;
  assert.deepEqual(seen.get(file)?.xattrs.get('security.capability'), CAPABILITY);
  assert.deepEqual(seen.get(file)?.xattrs.get('user.a=b%c'), Buffer.from('ff000a', 'hex'));
};

for (const [name, flags] of [
  ['GNU', ['--format=gnu']],
  ['GNU with sparse files', ['--format=gnu', '--sparse']],
  ['PAX', ['--format=pax', '--xattrs', '--xattrs-include=*']],
  ['PAX with sparse files 0.0', ['--format=pax', '--sparse', '--sparse-version=0.0']],
  ['PAX with sparse files 0.1', ['--format=pax', '--sparse', '--sparse-version=0.1']],
  [
    'PAX with sparse files 1.0',
    ['--format=pax', '--sparse', '--sparse-version=1.0', '--xattrs', '--xattrs-include=*'],
  ],
] as const)
  test(`we read what GNU tar writes: ${name}`, async () => {
    const tree = makeTree();
    const archive = join(folder, 'gnu.tar');
    run('tar', '--numeric-owner', ...flags, '-C', tree, '-cf', archive, '.');
    const hasXattrs = flags.some((flag) => flag === '--xattrs');
    checkTree(await readAll(archive), { hasXattrs, isPax: flags[0] === '--format=pax' });
  });

test('we read huge ids as GNU tar writes them, in base-256 and in PAX', async () => {
  for (const format of ['gnu', 'pax']) {
    writeFileSync(join(folder, 'ids'), '');
    run('tar', `--format=${format}`, '--owner=:3000000000', '--group=:4000000000', '-cf', 'ids.tar', 'ids');
    const seen = await readAll(join(folder, 'ids.tar'));
    assert.deepEqual([seen.get('ids')?.uid, seen.get('ids')?.gid], [3_000_000_000, 4_000_000_000], format);
  }
});

test('we read what Python writes in each of its formats', async () => {
  const tree = makeTree();
  for (const format of ['PAX', 'GNU']) {
    const archive = join(folder, 'python.tar');
    python(
      'import tarfile,sys; t=tarfile.open(sys.argv[1],"w",format=getattr(tarfile,sys.argv[3]+"_FORMAT")); t.add(sys.argv[2],"."); t.close()',
      archive,
      tree,
      format,
    );
    checkTree(await readAll(archive), { hasXattrs: false, isPax: format === 'PAX' });
  }
});

const SOURCES: TarSource[] = [
  { header: { kind: 'directory', path: 'dir', mode: 0o1777, uid: 7, gid: 8 } },
  {
    header: {
      kind: 'file',
      path: 'dir/file',
      mode: 0o6755,
      uid: 3_000_000_000,
      gid: 2_097_152,
      modified: { seconds: 1_500_000_000, nanoseconds: 123_456_789 },
      xattrs: new Map([['security.capability', CAPABILITY]]),
    },
    content: Buffer.from('content'),
  },
  { header: { kind: 'file', path: `dir/${LONG}` }, content: Buffer.alloc(1024, 'z') },
  { header: { kind: 'file', path: 'p'.repeat(250) }, content: Buffer.from('one long component') },
  { header: { kind: 'file', path: UGLY }, content: Buffer.from('ugly') },
  {
    header: { kind: 'file', path: Buffer.concat([Buffer.from('q'.repeat(200)), UGLY]) },
    content: Buffer.from('long and ugly'),
  },
  { header: { kind: 'file', path: 'grüße' }, content: Buffer.from('utf8') },
  { header: { kind: 'hard-link', path: 'hard', linkPath: 'dir/file' } },
  { header: { kind: 'symlink', path: 'soft', linkPath: 's'.repeat(140) } },
  { header: { kind: 'character-device', path: 'device', deviceMajor: 240, deviceMinor: 70_000 } },
  { header: { kind: 'fifo', path: 'pipe' } },
  { header: { kind: 'file', path: 'old', modified: { seconds: -100, nanoseconds: 0 } } },
];

const writeArchive = async (name: string): Promise<string> => {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(await Array.fromAsync(writeTar(SOURCES))));
  return path;
};

test('GNU tar unpacks what we write', async () => {
  const archive = await writeArchive('ours.tar');
  const out = mkdtempSync(join(folder, 'out-'));
  run('tar', '--xattrs', '--xattrs-include=*', '--numeric-owner', '-C', out, '-xpf', archive);
  const listing = python(
    `import os,sys
for base,dirs,files in os.walk(sys.argv[1].encode()):
  for name in sorted(dirs+files):
    p=os.path.join(base,name); s=os.lstat(p)
    print(p[len(sys.argv[1])+1:].hex(),oct(s.st_mode),s.st_uid,s.st_gid,s.st_mtime_ns,s.st_rdev,s.st_nlink)`,
    out,
  );
  const lines = new Map(
    listing
      .trim()
      .split('\n')
      .map((line) => [
        Buffer.from(line.split(' ')[0] ?? '', 'hex').toString('latin1'),
        line.split(' ').slice(1),
      ]),
  );
  assert.deepEqual(lines.get('dir')?.slice(0, 3), ['0o41777', '7', '8']);
  assert.deepEqual(lines.get('dir/file'), [
    '0o106755',
    '3000000000',
    '2097152',
    '1500000000123456789',
    '0',
    '2',
  ]);
  assert.deepEqual(lines.get('old')?.[3], '-100000000000');
  assert.equal(lines.get('device')?.[4], python('import os; print(os.makedev(240,70000))').trim());
  for (const name of [
    `dir/${LONG}`,
    'p'.repeat(250),
    UGLY.toString('latin1'),
    'q'.repeat(200) + UGLY.toString('latin1'),
  ])
    assert.ok(lines.has(name), name);
  const capability = python(
    'import os,sys; print(os.getxattr(sys.argv[1],"security.capability").hex())',
    join(out, 'dir/file'),
  );
  assert.equal(capability.trim(), CAPABILITY.toString('hex'));
});

test('Python reads what we write', async () => {
  const archive = await writeArchive('ours.tar');
  const seen = JSON.parse(
    python(
      `import tarfile,sys,json
e=lambda s: s.encode('utf-8','surrogateescape').hex()
print(json.dumps([[e(m.name),m.type.decode(),m.mode,m.uid,m.gid,m.size,m.mtime,e(m.linkname),m.devmajor,m.devminor,e(m.pax_headers.get('SCHILY.xattr.security.capability',''))] for m in tarfile.open(sys.argv[1])]))`,
      archive,
    ),
  ) as unknown[][];
  const hex = (text: string | Uint8Array) => Buffer.from(text as string).toString('hex');
  assert.deepEqual(
    seen.map((fields) => fields[0]),
    SOURCES.map(({ header }) => hex(header.path)),
  );
  assert.deepEqual(seen[1]?.slice(1, 6), ['0', 0o6755, 3_000_000_000, 2_097_152, 7]);
  assert.equal(seen[1]?.[10], CAPABILITY.toString('hex'));
  assert.equal(seen[7]?.[7], hex('dir/file'));
  assert.equal(seen[8]?.[7], hex('s'.repeat(140)));
  assert.deepEqual(seen[9]?.slice(8, 10), [240, 70_000]);
  assert.equal(seen[11]?.[6], -100);
});

test('sizes past 8 GiB go into a PAX record that Python reads', () => {
  writeFileSync(
    join(folder, 'big.tar'),
    encodeTarHeader({ kind: 'file', path: 'big', sizeBytes: 9_000_000_000 }),
  );
  const size = python(
    'import tarfile,sys; print(tarfile.open(sys.argv[1]).next().size)',
    join(folder, 'big.tar'),
  );
  assert.equal(size.trim(), '9000000000');
});
