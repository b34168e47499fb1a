import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import type { ContainerState } from '#domain/container/config.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { Image } from '#domain/image/image.ts';
import type { RemovedImage } from '#engine/engine.ts';
import { blobKey, imageKey } from '#engine/images/leases.ts';
import { storeImage } from '#engine/images/store-image.ts';
import { startImages } from '#test/support/images-world.ts';
import type { TestImages } from '#test/support/images-world.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import { makeImage, makeTar } from '#test/support/test-image.ts';

const never = new AbortController().signal;
const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);

const notFound =
  (name: string) =>
  (error: unknown): boolean =>
    isEngineError(error, 'not-found') &&
    error.code === 'image.not-found' &&
    error.message === `No such image: ${name}`;

const conflict =
  (code: string, words: string) =>
  (error: unknown): boolean => {
    assert.ok(isEngineError(error, 'conflict'), String(error));
    assert.equal(error.code, code);
    assert.equal(error.message, words);
    return true;
  };

const state = (status: ContainerState['status']): ContainerState => ({
  status,
  pid: 0,
  processStartTime: '',
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: 0,
  finishedAt: 0,
  stopRequested: false,
});

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

let at: TestImages;

beforeEach(async () => {
  at = await startImages();
});
afterEach(async () => at[Symbol.asyncDispose]());

const add = async (files: Readonly<Record<string, string>>, name = ''): Promise<Image> => {
  const source = whole(await makeTar(files));
  const request = {
    source,
    repository: name,
    tag: '',
    message: '',
    changes: [],
    platform: '',
    signal: never,
  };
  const messages = await Array.fromAsync(at.images.importLayer(request));
  return at.images.get(messages.at(-1)?.status ?? '').image;
};

/** A second image on the layers of the first, as commit would make it. */
const addChild = async (parent: Image, comment: string): Promise<Image> => {
  const id: string = await at.world.content.write(Buffer.from(JSON.stringify({ comment })));
  storeImage(at.world, { ...parent, id, parentId: parent.id, comment }, []);
  return at.images.get(id).image;
};

const remove = async (ref: string, force = false, prune = true): Promise<RemovedImage[]> =>
  at.images.remove(ref, { force, prune });

const use = (image: Image, status: ContainerState['status']): void =>
  void at.containers.push({ id: 'c'.repeat(64), imageId: image.id, state: state(status) });

test('an image is found by name, then by id or its beginning', async () => {
  const image = await add({ a: 'a' }, 'app:v1');
  const digits = image.id.slice(7);
  for (const ref of [
    'app:v1',
    'docker.io/library/app:v1',
    image.id,
    digits,
    digits.slice(0, 6),
    `sha256:${digits.slice(0, 9)}`,
    `app:${digits.slice(0, 8)}`,
  ]) {
    assert.equal(at.images.get(ref).image.id, image.id, ref);
  }
  assert.throws(() => at.images.get('app'), notFound('app:latest'));
  assert.throws(() => at.images.get('Not/Valid'), notFound('Not/Valid'));
  const missing = `sha256:${'0'.repeat(64)}`;
  assert.throws(() => at.images.get(missing), notFound(missing));
  await add({ b: 'b' }, digits.slice(0, 6));
  assert.notEqual(at.images.get(digits.slice(0, 6)).image.id, image.id, 'names win over ids');
  assert.throws(() => at.images.get(''), notFound(''));
});

test('a tag moves from image to image', async () => {
  const [one, two] = [await add({ a: 'a' }, 'one'), await add({ b: 'b' }, 'two')];
  await at.images.tag('one', 'reg.example:5000/team/app', 'v1');
  assert.deepEqual(at.images.get('one').tags, [
    'docker.io/library/one:latest',
    'reg.example:5000/team/app:v1',
  ]);
  await at.images.tag(two.id, 'reg.example:5000/team/app', 'v1');
  assert.deepEqual(at.images.get(one.id).tags, ['docker.io/library/one:latest']);
  assert.equal(at.images.get('reg.example:5000/team/app:v1').image.id, two.id);
  assert.ok(at.images.get(two.id).image.lastTaggedAt > 0);
  assert.deepEqual(at.events.slice(-1), ['tag reg.example:5000/team/app:v1']);
  await assert.rejects(at.images.tag('one', 'x', 'bad tag'), (error) => isEngineError(error, 'invalid'));
  await assert.rejects(at.images.tag('none', 'x', ''), notFound('none:latest'));
});

test('the last name takes the image with it, an earlier one does not', async () => {
  const image = await add({ a: 'a' }, 'app:v1');
  await at.images.tag('app:v1', 'app', 'v2');
  assert.deepEqual(await remove('app:v1'), [{ untagged: 'app:v1' }]);
  const [layer] = image.layers;
  assert.deepEqual(await remove('app:v2'), [
    { untagged: 'app:v2' },
    { deleted: image.id },
    { deleted: layer?.chainId, isLayer: true },
  ]);
  assert.deepEqual(at.events.slice(-2), [`untag ${image.id}`, `delete ${image.id}`]);
  assert.deepEqual(at.images.list(), []);
  assert.deepEqual(await at.overlay.listLayers(), []);
  assert.deepEqual(await at.world.content.list(), []);
});

test('by id one name goes along, several need force', async () => {
  const image = await add({ a: 'a' }, 'app:v1');
  await at.images.tag('app:v1', 'app', 'v2');
  await assert.rejects(
    remove(image.id),
    conflict(
      'image.in-use',
      `conflict: unable to delete ${short(image.id)} (must be forced) - image is referenced in multiple repositories`,
    ),
  );
  await remove('app:v2');
  const removed = await remove(short(image.id));
  assert.deepEqual(removed.slice(0, 2), [{ untagged: 'app:v1' }, { deleted: image.id }]);
  const again = await add({ b: 'b' }, 'x:1');
  await at.images.tag('x:1', 'y', '1');
  assert.deepEqual((await remove(again.id, true)).slice(0, 3), [
    { untagged: 'x:1' },
    { untagged: 'y:1' },
    { deleted: again.id },
  ]);
});

test('an image in use stays, unless its container is stopped and force is used', async () => {
  const image = await add({ a: 'a' }, 'app:v1');
  const id = short(image.id);
  use(image, 'exited');
  const named = `conflict: unable to remove repository reference "app:v1" (must force) - container cccccccccccc is using its referenced image ${id}`;
  await assert.rejects(remove('app:v1'), conflict('image.name-in-use', named));
  const stopped = `conflict: unable to delete ${id} (must be forced) - image is being used by stopped container cccccccccccc`;
  await assert.rejects(remove(image.id), conflict('image.in-use', stopped));
  at.containers.length = 0;
  use(image, 'running');
  const running = `conflict: unable to delete ${id} (cannot be forced) - image is being used by running container cccccccccccc`;
  await assert.rejects(remove(image.id, true), conflict('image.in-use', running));
  assert.deepEqual(await remove('app:v1', true), [{ untagged: 'app:v1' }]);
  assert.ok(at.images.get(image.id));
});

test('layers under a container outlive their image until the container is gone', async () => {
  const image = await add({ a: 'a' }, 'app:v1');
  use(image, 'exited');
  assert.deepEqual(await remove('app:v1', true), [{ untagged: 'app:v1' }, { deleted: image.id }]);
  assert.equal((await at.overlay.listLayers()).length, 1);
  await at.images.recover();
  assert.equal((await at.overlay.listLayers()).length, 1);
  await at.images.containerRemoved(image.id);
  assert.equal((await at.overlay.listLayers()).length, 1);
  at.containers.length = 0;
  await at.images.containerRemoved(image.id);
  assert.deepEqual(await at.overlay.listLayers(), []);
});

test('parents go with their last child unless they are named or kept', async () => {
  const base = await add({ a: 'a' }, 'base');
  const middle = await addChild(base, 'middle');
  const top = await addChild(middle, 'top');
  await at.images.tag(top.id, 'top', '');
  const child = `conflict: unable to delete ${short(middle.id)} (cannot be forced) - image has dependent child images`;
  await assert.rejects(remove(middle.id, true), conflict('image.in-use', child));
  assert.deepEqual(await remove('top'), [
    { untagged: 'top:latest' },
    { deleted: top.id },
    { deleted: middle.id },
  ]);
  const kept = await addChild(base, 'kept');
  const leaf = await addChild(kept, 'leaf');
  assert.deepEqual(await remove(leaf.id, false, false), [{ deleted: leaf.id }]);
  assert.deepEqual(await remove('base'), [{ untagged: 'base:latest' }]);
  assert.ok(at.images.get(base.id), 'a parent without a name stays');
  assert.equal((await remove(kept.id)).length, 3);
  assert.deepEqual(at.images.list(), []);
});

test('what a transfer holds cannot be removed', async () => {
  const image = await add({ a: 'a' }, 'app:v1');
  const lease = await at.images.leases.hold([imageKey(image.id)]);
  const held = `conflict: unable to delete ${short(image.id)} (cannot be forced) - image is held by an ongoing pull or build`;
  await assert.rejects(remove(image.id, true), conflict('image.in-use', held));
  lease[Symbol.dispose]();
  const blob = image.layers[0]?.blobDigest ?? '';
  const blobLease = await at.images.leases.hold([blobKey(blob)]);
  await remove(image.id, true);
  assert.ok(await at.world.content.stat(blob), 'the blob is still there');
  blobLease[Symbol.dispose]();
  await at.images.sweep();
  assert.equal(await at.world.content.stat(blob), undefined);
});

test('start repairs what can be repaired and forgets what is lost', async () => {
  const [sound, torn, lost] = [
    await add({ a: 'a' }, 'whole'),
    await add({ b: 'b' }, 'torn'),
    await add({ c: 'c' }, 'lost'),
  ];
  await at.overlay.removeLayer(torn.layers[0]?.chainId ?? '');
  await rm(at.world.content.pathOf(lost.layers[0]?.blobDigest ?? ''));
  const stray = await at.world.content.write(Buffer.from('nobody needs me'));
  const result = await at.images.recover();
  assert.deepEqual(result.repairedLayers, [torn.layers[0]?.chainId]);
  assert.deepEqual(result.lostImages, [lost.id]);
  assert.equal(result.sweptLayers, 1);
  assert.deepEqual(
    at.images
      .list()
      .map(({ image }) => image.id)
      .toSorted(),
    [sound.id, torn.id].toSorted(),
  );
  assert.throws(() => at.images.get('lost'), notFound('lost:latest'));
  assert.equal(await at.world.content.stat(stray), undefined);
  assert.ok(await at.overlay.hasLayer(torn.layers[0]?.chainId ?? ''));
});

test('the list counts containers and is newest first', async () => {
  const one = await add({ a: 'a' }, 'one');
  const two = await add({ b: 'b' });
  use(one, 'exited');
  assert.deepEqual(
    at.images.list().map(({ image, tags, containers }) => [image.id, tags, containers]),
    [
      [two.id, [], 0],
      [one.id, ['docker.io/library/one:latest'], 1],
    ],
  );
});

test('names by digest go with the last tag of their repository', async () => {
  await using server = await startRegistry();
  const image = await makeImage();
  await pushImage({ url: server.url, repository: 'app', tag: 'v1' }, image);
  const request = { repository: `${server.host}/app`, tag: 'v1', platform: '', signal: never };
  await Array.fromAsync(at.images.pull(request));
  const removed = await remove(`${server.host}/app:v1`);
  assert.deepEqual(removed.slice(0, 3), [
    { untagged: `${server.host}/app:v1` },
    { untagged: `${server.host}/app@${image.manifestDigest}` },
    { deleted: image.id },
  ]);
  await Array.fromAsync(at.images.pull({ ...request, tag: image.manifestDigest }));
  await remove(`${server.host}/app@${image.manifestDigest}`);
  await at.images.sweep();
  assert.deepEqual(await at.world.content.list(), []);
});

test('pulls and removals that race leave whole images or none', async () => {
  await using server = await startRegistry();
  const base = { files: { base: 'b'.repeat(1000) } };
  for (const tag of ['a', 'b', 'c']) {
    const image = await makeImage({ layers: [base, { files: { [tag]: tag } }] });
    await pushImage({ url: server.url, repository: 'race', tag }, image);
  }
  const repository = `${server.host}/race`;
  const churn = async (tag: string): Promise<void> => {
    for (let round = 0; round < 6; round += 1) {
      await Array.fromAsync(at.images.pull({ repository, tag, platform: '', signal: never }));
      await remove(`${repository}:${tag}`, true).catch((error: unknown) =>
        assert.ok(isEngineError(error, 'conflict')),
      );
    }
    await Array.fromAsync(at.images.pull({ repository, tag, platform: '', signal: never }));
  };
  await Promise.all(['a', 'b', 'c'].map(churn));
  for (const { image } of at.images.list()) {
    for (const { chainId, blobDigest } of image.layers) {
      assert.ok(await at.overlay.hasLayer(chainId));
      assert.ok(await at.world.content.stat(blobDigest));
    }
  }
  assert.equal(at.images.list().length, 3);
  assert.equal((await at.overlay.listLayers()).length, 4);
});
