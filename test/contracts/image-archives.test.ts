import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ErrorKind } from '#domain/error/engine-error.ts';
import type { ImportRequest, LoadProgress, TransferProgress } from '#engine/engine.ts';
import { buildOciIndex } from '#formats/oci-image/build-manifest.ts';
import type { TarHeader } from '#formats/tar/entry.ts';
import { readContent, readTar } from '#formats/tar/read-tar.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { startImages } from '#test/support/images-world.ts';
import type { TestImages } from '#test/support/images-world.ts';
import { makeImage, makeTar, sha256 } from '#test/support/test-image.ts';
import type { TestImage } from '#test/support/test-image.ts';

const failsWith =
  (kind: ErrorKind, code: string, words?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isEngineError(error), String(error));
    assert.deepEqual([error.kind, error.code], [kind, code], error.message);
    if (words !== undefined) assert.match(error.message, words);
    return true;
  };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const hex = (digest: string): string => digest.slice('sha256:'.length);
const never = new AbortController().signal;

async function* inPieces(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A path and its content, or a header for other entries. */
type Entry = readonly [path: string, content: Buffer] | TarHeader;

const isFile = (entry: Entry): entry is readonly [string, Buffer] => Array.isArray(entry);

const tarOf = async (entries: readonly Entry[]): Promise<Buffer> =>
  Buffer.concat(
    await Array.fromAsync(
      writeTar(
        entries.map((entry) =>
          isFile(entry)
            ? { header: { kind: 'file' as const, path: entry[0] }, content: entry[1] }
            : { header: entry },
        ),
      ),
    ),
  );

/** As `docker save` wrote it up to 24. */
const dockerArchive = (image: TestImage, tags: readonly string[] | null): Entry[] => [
  ...image.layers.map(({ tar }, index): Entry => [`${index}/layer.tar`, tar]),
  [`${hex(image.id)}.json`, image.config],
  [
    'manifest.json',
    json([
      {
        Config: `${hex(image.id)}.json`,
        RepoTags: tags,
        Layers: image.layers.map((_layer, index) => `${index}/layer.tar`),
      },
    ]),
  ],
];

let at: TestImages;

beforeEach(async () => {
  at = await startImages();
});
afterEach(async () => at[Symbol.asyncDispose]());

const load = async (bytes: Uint8Array): Promise<LoadProgress[]> =>
  (await Array.fromAsync(at.images.load(inPieces(bytes), never))).filter(({ kind }) => kind !== 'layer');

const save = async (...refs: string[]): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(await at.images.save(refs, { signal: never })));

const isEmpty = async (): Promise<void> => {
  assert.deepEqual(at.images.list(), []);
  assert.deepEqual(await at.overlay.listLayers(), []);
  assert.deepEqual(await at.world.content.list(), []);
  assert.deepEqual(await at.ingests(), []);
};

test('a docker archive is loaded, plain or compressed', async () => {
  const image = await makeImage({
    layers: [{ files: { a: randomBytes(400_000) } }, { files: { b: 'b' } }],
  });
  const plain = await tarOf(dockerArchive(image, ['busybox:latest', 'reg.example:5000/x:y']));
  const xz = execFileSync('xz', ['-c'], { input: plain, maxBuffer: 1e9 });
  const bzip2 = execFileSync('bzip2', ['-c'], { input: plain, maxBuffer: 1e9 });
  const frames = [plain.subarray(0, 777), plain.subarray(777)].map((part) => zstdCompressSync(part));
  for (const bytes of [plain, gzipSync(plain), zstdCompressSync(plain), Buffer.concat(frames), xz, bzip2]) {
    assert.deepEqual(await load(bytes), [
      { kind: 'loaded', reference: 'busybox:latest' },
      { kind: 'loaded', reference: 'reg.example:5000/x:y' },
    ]);
    assert.equal(at.images.get('busybox').image.id, image.id);
    await at.images.remove(image.id, { force: true, prune: true });
    await isEmpty();
  }
});

test('an archive without names tells the id, and names that move are told', async () => {
  const one = await makeImage();
  const two = await makeImage({ layers: [{ files: { two: '2' } }] });
  assert.deepEqual(await load(await tarOf(dockerArchive(one, null))), [{ kind: 'loaded-id', id: one.id }]);
  await at.images.tag(one.id, 'app', 'v1');
  assert.deepEqual(await load(await tarOf(dockerArchive(two, ['app:v1']))), [
    { kind: 'renamed', reference: 'app:v1', previousId: one.id },
    { kind: 'loaded', reference: 'app:v1' },
  ]);
  assert.deepEqual(at.images.get(one.id).tags, []);
});

test('layers that are links to others are followed', async () => {
  const image = await makeImage({
    layers: [{ files: { a: 'a' } }, { files: { a: 'a' } }, { files: { a: 'a' } }],
  });
  const [first] = image.layers;
  assert.ok(first);
  const entries: Entry[] = [
    ...dockerArchive(image, ['linked:1']).filter((entry) => !isFile(entry) || !/^[12]\//.test(entry[0])),
    { kind: 'symlink', path: '1/layer.tar', linkPath: '../0/layer.tar' },
    { kind: 'hard-link', path: '2/layer.tar', linkPath: '1/layer.tar' },
  ];
  await load(await tarOf(entries));
  assert.equal(at.images.get('linked:1').image.layers.length, 3);
});

test('an OCI layout is loaded for this platform', async () => {
  const image = await makeImage({ family: 'oci', layers: [{ files: { a: 'a' }, compression: 'zstd' }] });
  const other = await makeImage({ family: 'oci', platform: { architecture: 'arm64' } });
  const describeImage = (one: TestImage, architecture: string) => ({
    mediaType: one.manifestType,
    digest: one.manifestDigest,
    sizeBytes: one.manifest.length,
    platform: { os: 'linux', architecture },
  });
  const inner = Buffer.from(buildOciIndex([describeImage(other, 'arm64'), describeImage(image, 'amd64')]));
  const outer = buildOciIndex([
    {
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest: sha256(inner),
      sizeBytes: inner.length,
      annotations: { 'io.containerd.image.name': 'docker.io/library/oci:1' },
    },
  ]);
  const blob = (bytes: Buffer): Entry => [`blobs/sha256/${hex(sha256(bytes))}`, bytes];
  const entries: Entry[] = [
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', Buffer.from(outer)],
    ...[inner, image.manifest, image.config, other.manifest, other.config].map(blob),
    ...[...image.layers, ...other.layers].map((layer) => blob(layer.blob)),
  ];
  assert.deepEqual(await load(await tarOf(entries)), [{ kind: 'loaded', reference: 'oci:1' }]);
  assert.equal(at.images.get('oci:1').image.id, image.id);
  const swapped = entries.map((entry): Entry =>
    isFile(entry) && entry[1] === image.config ? [entry[0], other.config] : entry,
  );
  await at.images.remove('oci:1', { force: false, prune: true });
  await assert.rejects(
    load(await tarOf(swapped)),
    failsWith('invalid', 'image.malformed', /not what its name says/),
  );
  await isEmpty();
});

test('the form before 1.10 becomes an image with a history', async () => {
  const [base, top] = ['a'.repeat(64), 'b'.repeat(64)];
  const [baseTar, topTar] = [await makeTar({ base: '1' }), await makeTar({ top: '2' })];
  const entries: Entry[] = [
    [`${base}/VERSION`, Buffer.from('1.0')],
    [
      `${base}/json`,
      json({
        id: base,
        created: '2015-01-01T00:00:00Z',
        container_config: { Cmd: ['/bin/sh', '-c', 'base'] },
      }),
    ],
    [`${base}/layer.tar`, baseTar],
    [
      `${top}/json`,
      json({
        id: top,
        parent: base,
        created: '2015-01-02T00:00:00Z',
        comment: 'c',
        config: { Cmd: ['/x'], Env: ['A=1'] },
      }),
    ],
    [`${top}/layer.tar`, topTar],
    ['repositories', json({ 'old/app': { v1: top } })],
  ];
  assert.deepEqual(await load(await tarOf(entries)), [{ kind: 'loaded', reference: 'old/app:v1' }]);
  const { image } = at.images.get('old/app:v1');
  assert.deepEqual(image.config.cmd, ['/x']);
  assert.deepEqual(
    image.layers.map(({ diffId }) => diffId),
    [sha256(baseTar), sha256(topTar)],
  );
  assert.deepEqual(
    at.images
      .history('old/app:v1')
      .map(({ createdBy, comment, sizeBytes }) => [createdBy, comment, sizeBytes]),
    [
      ['', 'c', 1],
      ['/bin/sh -c base', '', 1],
    ],
  );
});

test('what is saved loads with the same ids, and equal images give equal bytes', async () => {
  const image = await makeImage({
    layers: [{ files: { a: randomBytes(300_000) } }, { files: { b: 'b' }, compression: 'plain' }],
  });
  const other = await makeImage({ layers: [{ files: { other: 'o' } }] });
  await load(await tarOf(dockerArchive(image, ['app:1', 'app:2', 'else:1'])));
  await load(await tarOf(dockerArchive(other, ['other:1'])));
  const saved = await save('app', 'other:1', image.id);
  assert.equal(sha256(saved), sha256(await save('app', 'other:1', image.id)));
  for (const { image: each } of at.images.list())
    await at.images.remove(each.id, { force: true, prune: true });
  await isEmpty();
  assert.deepEqual(
    (await load(saved)).map((line) => (line.kind === 'loaded' ? line.reference : line.kind)),
    ['app:1', 'app:2', 'other:1'],
  );
  assert.equal(at.images.get('app:2').image.id, image.id);
  assert.equal(at.images.get('other:1').image.id, other.id);
  assert.deepEqual(at.events.filter((event) => event.startsWith('save')).slice(0, 2), [
    `save ${image.id}`,
    `save ${other.id}`,
  ]);
});

test('a saved archive has what old and new engines read', async () => {
  const image = await makeImage();
  await load(await tarOf(dockerArchive(image, ['app:1'])));
  const files = new Map<string, Buffer>();
  for await (const entry of readTar(inPieces(await save('app:1')))) {
    files.set(entry.path.toString(), entry.kind === 'file' ? await readContent(entry) : Buffer.alloc(0));
  }
  const parse = (name: string): unknown => JSON.parse(String(files.get(name)));
  const layer = `blobs/sha256/${hex(image.layers[0]?.diffId ?? '')}`;
  assert.partialDeepStrictEqual(parse('manifest.json'), [
    { Config: `blobs/sha256/${hex(image.id)}`, RepoTags: ['app:1'], Layers: [layer] },
  ]);
  assert.deepEqual(parse('repositories'), { app: { '1': hex(image.id) } });
  assert.deepEqual(parse('oci-layout'), { imageLayoutVersion: '1.0.0' });
  assert.partialDeepStrictEqual(parse('index.json'), {
    manifests: [{ annotations: { 'io.containerd.image.name': 'docker.io/library/app:1' } }],
  });
  assert.ok(files.get(layer)?.equals(image.layers[0]?.tar ?? Buffer.alloc(0)));
  for (const [path, bytes] of files) {
    if (path.startsWith('blobs/sha256/') && !path.endsWith('/')) {
      assert.equal(createHash('sha256').update(bytes).digest('hex'), path.slice(13));
    }
  }
  await assert.rejects(
    save('app:1', 'nope'),
    failsWith('not-found', 'image.not-found', /No such image: nope:latest/),
  );
});

test('bad archives are refused and leave nothing', async () => {
  const image = await makeImage({ layers: [{ files: { a: randomBytes(300_000) } }] });
  const good = dockerArchive(image, ['x:1']);
  const wrong = await makeTar({ a: 'other' });
  const replace = (path: string, content: Buffer): Entry[] =>
    good.map((entry): Entry => (isFile(entry) && entry[0] === path ? [path, content] : entry));
  const cases: [string, Uint8Array, string][] = [
    ['nothing', new Uint8Array(), 'archive.no-image'],
    ['no image', await tarOf([['x', Buffer.from('x')]]), 'archive.no-image'],
    ['no tar', randomBytes(5000), 'tar.invalid-header'],
    ['cut', (await tarOf(good)).subarray(0, 100_000), 'tar.truncated'],
    ['cut gzip', gzipSync(await tarOf(good)).subarray(0, 100_000), 'archive.damaged'],
    [
      'no config',
      await tarOf(good.filter((entry) => !isFile(entry) || !entry[0].endsWith(`${hex(image.id)}.json`))),
      'image.malformed',
    ],
    [
      'no layer',
      await tarOf(good.filter((entry) => !isFile(entry) || !entry[0].startsWith('0/'))),
      'image.malformed',
    ],
    ['broken manifest', await tarOf(replace('manifest.json', Buffer.from('{'))), 'image.malformed'],
    ['outside', await tarOf([...good, ['../../evil', Buffer.from('x')]]), 'image.malformed'],
    [
      'link outside',
      await tarOf([...good, { kind: 'symlink', path: 'l', linkPath: '/etc/passwd' }]),
      'image.malformed',
    ],
    [
      'ring',
      await tarOf([...good.slice(1), { kind: 'symlink', path: '0/layer.tar', linkPath: 'layer.tar' }]),
      'image.malformed',
    ],
    ['device', await tarOf([...good, { kind: 'character-device', path: 'd' }]), 'image.malformed'],
  ];
  for (const [what, bytes, code] of cases) {
    await assert.rejects(load(bytes), failsWith('invalid', code), what);
    await isEmpty();
  }
  await assert.rejects(load(await tarOf(replace('0/layer.tar', wrong))), (error) =>
    isEngineError(error, 'invalid'),
  );
  await isEmpty();
});

const importLayer = async (
  source: ImportRequest['source'],
  more: Partial<ImportRequest> = {},
): Promise<TransferProgress[]> =>
  Array.fromAsync(
    at.images.importLayer({
      source,
      repository: '',
      tag: '',
      message: '',
      changes: [],
      platform: '',
      signal: never,
      ...more,
    }),
  );

test('an archive of files becomes an image', async () => {
  const tar = await makeTar({ 'etc/': '', 'etc/motd': 'hi' });
  const messages = await importLayer(inPieces(gzipSync(tar)), {
    repository: 'mine',
    tag: 'v1',
    changes: ['CMD ["/bin/sh"]', 'ENV A=1 B=$A', 'EXPOSE 80', 'WORKDIR /srv', 'WORKDIR x', 'LABEL k=v'],
    platform: 'linux/arm64',
  });
  const { image } = at.images.get('mine:v1');
  assert.deepEqual(messages.at(-1), { status: image.id });
  assert.equal(image.comment, 'Imported from -');
  assert.equal(image.architecture, 'arm64');
  assert.partialDeepStrictEqual(image.config, {
    cmd: ['/bin/sh'],
    env: ['A=1', 'B='],
    exposedPorts: ['80/tcp'],
    workingDir: '/srv/x',
    labels: { k: 'v' },
  });
  assert.equal(image.layers[0]?.diffId, sha256(tar));
  assert.deepEqual(at.events, ['import mine:v1']);
  const again = await importLayer(inPieces(tar), { message: 'mine too' });
  const second = at.images.get(again.at(-1)?.status ?? '');
  assert.equal(second.image.comment, 'mine too');
  assert.deepEqual(second.tags, []);
  assert.equal((await at.overlay.listLayers()).length, 1);
});

test('an archive is fetched from an address', async () => {
  const tar = await makeTar({ a: 'a' });
  const web = createServer((request, response) => {
    if (request.url === '/rootfs.tar') response.end(tar);
    else response.writeHead(404).end();
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const address = web.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = `http://127.0.0.1:${address.port}/rootfs.tar`;
  const messages = await importLayer({ url }, { repository: 'web' });
  assert.deepEqual(messages[0], { status: `Downloading from ${url}` });
  assert.equal(at.images.get('web').image.comment, `Imported from ${url}`);
  await assert.rejects(importLayer({ url: `${url}.gone` }), failsWith('not-found', 'download.not-found'));
  web.closeAllConnections();
  web.close();
});

test('bad imports are refused and leave nothing', async () => {
  const tar = await makeTar({ a: 'a' });
  await assert.rejects(
    importLayer(inPieces(tar), { changes: ['RUN x'] }),
    failsWith('invalid', 'dockerfile.not-a-change', /^RUN is not a valid change command$/),
  );
  await assert.rejects(
    importLayer(inPieces(tar), { repository: 'UPPER' }),
    failsWith('invalid', 'reference.upper-case'),
  );
  await assert.rejects(importLayer(inPieces(randomBytes(4000))), (error) => isEngineError(error, 'invalid'));
  await isEmpty();
});
