import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ErrorKind } from '#domain/error/engine-error.ts';
import type { PullRequest, TransferProgress } from '#engine/engine.ts';
import { startCuttingProxy } from '#test/support/cutting-proxy.ts';
import type { CuttingProxy } from '#test/support/cutting-proxy.ts';
import { startImages } from '#test/support/images-world.ts';
import type { TestImages } from '#test/support/images-world.ts';
import { putManifest, pushImage, pushIndex, startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage, makeManifest, sha256 } from '#test/support/test-image.ts';
import type { ImageRequest, TestImage } from '#test/support/test-image.ts';

const failsWith =
  (kind: ErrorKind, code: string, words?: RegExp | string) =>
  (error: unknown): boolean => {
    assert.ok(isEngineError(error), String(error));
    assert.deepEqual([error.kind, error.code], [kind, code], error.message);
    if (typeof words === 'string') assert.equal(error.message, words);
    else if (words !== undefined) assert.match(error.message, words);
    return true;
  };

const short = (digest: string): string => digest.slice(7, 19);

let server: TestRegistry;
let at: TestImages;

let slow: CuttingProxy;

before(async () => {
  server = await startRegistry();
  // Sends a part of each body and then nothing.
  slow = await startCuttingProxy({ upstream: server.url, stallAfter: 1_000_000 });
});
after(async () => {
  await slow[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  at = await startImages();
});
afterEach(async () => at[Symbol.asyncDispose]());

const push = async (repository: string, tag: string, request: ImageRequest = {}): Promise<TestImage> => {
  const image = await makeImage(request);
  await pushImage({ url: server.url, repository, tag }, image);
  return image;
};

const pull = (
  repository: string,
  tag: string,
  more: Partial<PullRequest> = {},
  host = server.host,
): AsyncIterable<TransferProgress> =>
  at.images.pull({
    repository: `${host}/${repository}`,
    tag,
    platform: '',
    signal: new AbortController().signal,
    ...more,
  });

const finish = async (messages: AsyncIterable<TransferProgress>): Promise<TransferProgress[]> =>
  Array.fromAsync(messages);

const said = (messages: readonly TransferProgress[]): string[] =>
  messages
    .filter(({ progress }) => progress?.current === undefined)
    .map(({ status, id }) => (id === undefined ? status : `${id}: ${status}`));

test('brings an image of all compressions and tells it in order', async () => {
  const image = await push('team/app', 'v1', {
    family: 'oci',
    layers: [
      { files: { 'bin/': '', 'bin/a': 'one' }, compression: 'gzip' },
      { files: { 'bin/b': 'two' }, compression: 'zstd' },
      { files: { 'bin/.wh.a': '' }, compression: 'plain' },
    ],
  });
  const messages = await finish(pull('team/app', 'v1'));
  const lines = said(messages);
  assert.equal(lines[0], 'v1: Pulling from team/app');
  assert.deepEqual(lines.slice(-2), [
    `Digest: ${image.manifestDigest}`,
    `Status: Downloaded newer image for ${server.host}/team/app:v1`,
  ]);
  for (const { digest } of image.layers) {
    const own = messages.filter(({ id }) => id === short(digest));
    const states = [...new Set(own.map(({ status }) => status))];
    assert.deepEqual(
      states.filter((state) => !['Downloading', 'Extracting', 'Waiting'].includes(state)),
      ['Pulling fs layer', 'Verifying Checksum', 'Download complete', 'Pull complete'],
    );
    assert.ok(own.every(({ progress }) => progress !== undefined));
  }
  const view = at.images.get(`${server.host}/team/app:v1`);
  assert.equal(view.image.id, image.id);
  assert.deepEqual(view.tags, [`${server.host}/team/app:v1`]);
  assert.deepEqual(view.digests, [`${server.host}/team/app@${image.manifestDigest}`]);
  assert.equal(view.image.sizeBytes, 6);
  assert.deepEqual(
    view.image.layers.map(({ diffId, blobDigest }) => [diffId, blobDigest]),
    image.layers.map(({ diffId, digest }) => [diffId, digest]),
  );
  await at.overlay.createRoot(
    'r1',
    view.image.layers.map(({ chainId }) => chainId),
  );
  await at.overlay.mountRoot('r1');
  assert.equal(Buffer.from((await at.overlay.readFile('r1', '/bin/b')) ?? []).toString(), 'two');
  assert.equal(await at.overlay.readFile('r1', '/bin/a'), undefined);
  await at.overlay.removeRoot('r1');
  assert.deepEqual(at.events, [`pull ${server.host}/team/app`]);
  assert.deepEqual(await at.ingests(), []);
});

test('a second pull says so and fetches nothing', async () => {
  const image = await push('again', 'latest');
  await finish(pull('again', 'latest'));
  assert.deepEqual(await finish(pull('again', 'latest')), [
    { status: 'Pulling from again', id: 'latest' },
    { status: `Digest: ${image.manifestDigest}` },
    { status: `Status: Image is up to date for ${server.host}/again:latest` },
  ]);
});

test('layers of another image are there already', async () => {
  const base = { files: { base: 'same' } };
  await push('shared', 'one', { layers: [base] });
  const image = await push('shared', 'two', { layers: [base, { files: { top: 'new' } }] });
  await finish(pull('shared', 'one'));
  const lines = said(await finish(pull('shared', 'two')));
  assert.ok(lines.includes(`${short(image.layers[0]?.digest ?? '')}: Already exists`));
  assert.ok(lines.includes(`${short(image.layers[1]?.digest ?? '')}: Pull complete`));
});

test('a missing image is told before the first message', async () => {
  const name = `${server.host}/no/such:v1`;
  await assert.rejects(
    finish(pull('no/such', 'v1')),
    failsWith(
      'not-found',
      'pull.not-found',
      `manifest for ${name} not found: manifest unknown: manifest unknown`,
    ),
  );
  await assert.rejects(
    finish(pull('no/such', '')),
    failsWith(
      'not-found',
      'pull.not-found',
      /^repository 127\.0\.0\.1:\d+\/no\/such not found: name unknown: /,
    ),
  );
  assert.deepEqual(at.images.list(), []);
});

test('by digest it has no tag, and without a tag all are pulled', async () => {
  const image = await push('many', 'a');
  await push('many', 'b', { layers: [{ files: { b: 'b' } }] });
  const lines = said(await finish(pull('many', image.manifestDigest)));
  assert.equal(lines[0], `${image.manifestDigest}: Pulling from many`);
  assert.equal(
    lines.at(-1),
    `Status: Downloaded newer image for ${server.host}/many@${image.manifestDigest}`,
  );
  assert.deepEqual(at.images.get(image.id).tags, []);
  const all = said(await finish(pull('many', '')));
  assert.deepEqual(all.filter((line) => line.includes('Pulling from')).toSorted(), [
    'a: Pulling from many',
    'b: Pulling from many',
  ]);
  assert.equal(all.at(-1), `Status: Downloaded newer image for ${server.host}/many`);
  assert.equal(at.images.list().length, 2);
  assert.deepEqual(at.images.get(image.id).tags, [`${server.host}/many:a`]);
});

test('an index gives the image for the platform', async () => {
  const amd = await makeImage();
  const arm = await makeImage({ platform: { architecture: 'arm64' }, layers: [{ files: { arm: '64' } }] });
  const digest = await pushIndex({ url: server.url, repository: 'multi', tag: 'v1' }, [
    { image: arm, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { image: amd, platform: { os: 'linux', architecture: 'amd64' } },
  ]);
  await finish(pull('multi', 'v1'));
  const view = at.images.get(`${server.host}/multi:v1`);
  assert.equal(view.image.id, amd.id);
  assert.deepEqual(view.digests, [`${server.host}/multi@${digest}`]);
  await finish(pull('multi', 'v1', { platform: 'linux/arm64' }));
  assert.equal(at.images.get(`${server.host}/multi:v1`).image.id, arm.id);
  await assert.rejects(
    finish(pull('multi', 'v1', { platform: 'linux/s390x' })),
    failsWith(
      'not-found',
      'image.platform',
      'no matching manifest for linux/s390x in the manifest list entries',
    ),
  );
});

test('the only image is refused for a platform that was asked for', async () => {
  await push('single', 'v1', { platform: { architecture: 'arm64' } });
  await assert.rejects(
    finish(pull('single', 'v1', { platform: 'linux/amd64' })),
    failsWith('not-found', 'image.platform', /wanted linux\/amd64, actual: linux\/arm64/),
  );
  await finish(pull('single', 'v1'));
});

test('ten pulls at once share every download', async () => {
  const image = await push('busy', 'v1', {
    layers: [{ files: { a: randomBytes(300_000) } }, { files: { b: randomBytes(300_000) } }],
  });
  await using proxy = await startCuttingProxy({ upstream: server.url });
  const runs = Array.from({ length: 10 }, async () => finish(pull('busy', 'v1', {}, proxy.host)));
  for (const messages of await Promise.all(runs)) {
    assert.match(messages.at(-1)?.status ?? '', /^Status: /);
  }
  for (const { digest } of image.layers) {
    assert.equal(proxy.requests.filter((request) => request.includes(digest)).length, 1);
  }
  assert.equal(at.images.list().length, 1);
});

test('a connection that breaks is resumed where it broke', async () => {
  const image = await push('broken', 'v1', {
    layers: [{ files: { a: randomBytes(900_000) }, compression: 'plain' }],
  });
  const [layer] = image.layers;
  assert.ok(layer);
  await using proxy = await startCuttingProxy({
    upstream: server.url,
    cutAfter: (path) => (path.includes(layer.digest) ? 400_000 : undefined),
  });
  await finish(pull('broken', 'v1', {}, proxy.host));
  const ranges = proxy.requests
    .filter((request) => request.includes(layer.digest))
    .map((text) => text.split(' ')[2]);
  assert.equal(ranges[0], undefined);
  assert.ok(ranges.length >= 3 && ranges.slice(1).every((range) => range !== undefined), String(ranges));
  assert.deepEqual(await at.ingests(), []);
});

test('a pull that is left keeps its bytes for the next one and nothing else', async () => {
  const image = await push('left', 'v1', {
    layers: [{ files: { small: 's' } }, { files: { a: randomBytes(2_000_000) }, compression: 'plain' }],
  });
  const big = image.layers[1];
  assert.ok(big);
  const leaving = new AbortController();
  const run = (async () => {
    for await (const { id, progress } of pull('left', 'v1', { signal: leaving.signal }, slow.host)) {
      if (id === short(big.digest) && (progress?.current ?? 0) > 0) leaving.abort();
    }
  })();
  await assert.rejects(run, (error) => isEngineError(error, 'cancelled'));
  assert.deepEqual(at.images.list(), []);
  assert.deepEqual(await at.overlay.listLayers(), []);
  const kept = await at.world.content.partialSize(big.digest);
  assert.ok(kept > 0 && kept < big.blob.length, String(kept));
  await using watched = await startCuttingProxy({ upstream: server.url });
  await finish(pull('left', 'v1', {}, watched.host));
  assert.ok(watched.requests.some((request) => request.endsWith(`${big.digest} bytes=${kept}-`)));
});

test('content that is not what the manifest says never becomes a layer', async () => {
  const image = await push('lying', 'v1', { layers: [{ files: { a: randomBytes(5000) } }] });
  const [layer] = image.layers;
  assert.ok(layer);
  const changes: [string, (body: Buffer) => Buffer, ErrorKind, string][] = [
    ['other bytes', (body) => Buffer.from(body).fill(0, 100, 200), 'invalid', 'blob.digest-mismatch'],
    ['too few', (body) => body.subarray(0, 1000), 'invalid', 'blob.digest-mismatch'],
    ['too many', (body) => Buffer.concat([body, body]), 'invalid', 'blob.too-long'],
  ];
  for (const [what, change, kind, code] of changes) {
    await using proxy = await startCuttingProxy({
      upstream: server.url,
      rewrite: (path, body) => (path.includes(layer.digest) ? change(body) : body),
    });
    await assert.rejects(finish(pull('lying', 'v1', {}, proxy.host)), failsWith(kind, code), what);
    assert.deepEqual(await at.overlay.listLayers(), [], what);
  }
});

test('a layer that unpacks to something else than the configuration says is refused', async () => {
  const [honest, other] = [await makeImage(), await makeImage({ layers: [{ files: { x: 'y' } }] })];
  const mixed = { ...honest, layers: other.layers, ...makeManifest(honest.config, other.layers, 'docker') };
  await pushImage({ url: server.url, repository: 'mixed', tag: 'v1' }, mixed);
  await assert.rejects(finish(pull('mixed', 'v1')), (error) => isEngineError(error, 'invalid'));
  assert.deepEqual(at.images.list(), []);
  assert.deepEqual(await at.overlay.listLayers(), []);
});

test('images without layers, with empty and with repeated ones are images', async () => {
  const none = await push('odd', 'none', { layers: [] });
  await finish(pull('odd', 'none'));
  assert.equal(at.images.get(none.id).image.layers.length, 0);
  const same = { files: { a: 'a' } };
  const twice = await push('odd', 'twice', { layers: [same, { files: {} }, same] });
  await finish(pull('odd', 'twice'));
  const chain = at.images.get(twice.id).image.layers.map(({ chainId }) => chainId);
  assert.equal(new Set(chain).size, 3);
});

test('what is no container image is refused with its type', async () => {
  const chart = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.cncf.helm.config.v1+json',
        digest: sha256(Buffer.from('{}')),
        size: 2,
      },
      layers: [],
    }),
  );
  const target = { url: server.url, repository: 'chart', tag: 'v1' };
  await pushImage(
    { ...target, tag: 'x' },
    {
      ...(await makeImage()),
      config: Buffer.from('{}'),
      manifest: chart,
      manifestType: 'application/vnd.oci.image.manifest.v1+json',
    },
  );
  await putManifest(target, chart, 'application/vnd.oci.image.manifest.v1+json');
  await assert.rejects(finish(pull('chart', 'v1')), failsWith('unsupported', 'image.media-type', /helm/));
});
