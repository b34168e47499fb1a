import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image } from '#domain/image/image.ts';
import type { ImageView } from '#engine/engine.ts';
import { sharedSizes } from '#api/docker/present/shared-size.ts';
import { selectImages } from './image-filters.ts';

type Given = Partial<Omit<ImageView, 'image'>> & {
  readonly image?: Partial<Image>;
  readonly labels?: Record<string, string>;
};

const view = (id: string, { image, labels = {}, ...names }: Given = {}): ImageView => ({
  image: {
    id,
    parentId: '',
    createdAt: 0,
    author: '',
    comment: '',
    architecture: 'amd64',
    variant: '',
    os: 'linux',
    osVersion: '',
    dockerVersion: '',
    containerId: '',
    config: {
      user: '',
      exposedPorts: [],
      env: [],
      entrypoint: null,
      cmd: null,
      volumes: [],
      workingDir: '',
      labels,
      onBuild: [],
    },
    layers: [],
    history: [],
    sizeBytes: 0,
    lastTaggedAt: 0,
    ...image,
  },
  tags: [],
  digests: [],
  containers: 0,
  ...names,
});

const DIGEST = `docker.io/library/busybox@sha256:${'0'.repeat(64)}`;
const BUSYBOX = view('busybox', {
  image: { createdAt: 1000 },
  tags: ['docker.io/library/busybox:latest', 'registry.example:5000/busybox:latest'],
  digests: [DIGEST],
});
const WEB = view('web', {
  image: { createdAt: 3000, parentId: 'step' },
  tags: ['docker.io/fixture/web:1.0'],
  labels: { stage: 'a=b' },
});
const STEP = view('step', { image: { createdAt: 2000 } });
const DANGLING = view('dangling', { image: { createdAt: 4000 } });
const BY_DIGEST = view('by-digest', { digests: [DIGEST] });
const ALL = [DANGLING, WEB, STEP, BUSYBOX, BY_DIGEST];

const find = (ref: string): ImageView => {
  const found = ALL.find(({ image }) => image.id === ref);
  assert.ok(found);
  return found;
};

const chosen = (filters: Record<string, string[]>, all = false): string[] =>
  selectImages(ALL, { filters, all }, find).map(({ image }) => image.id);

test('nameless images that others are made from are shown when all are asked for', () => {
  assert.deepEqual(chosen({}), ['dangling', 'web', 'busybox', 'by-digest']);
  assert.deepEqual(chosen({}, true), ['dangling', 'web', 'step', 'busybox', 'by-digest']);
});

test('dangling is to have no tag; not dangling is to have any name', () => {
  assert.deepEqual(chosen({ dangling: ['true'] }), ['dangling', 'by-digest']);
  assert.deepEqual(chosen({ dangling: ['0'] }), ['web', 'busybox', 'by-digest']);
  assert.throws(() => chosen({ dangling: ['maybe'] }), { message: "invalid filter 'dangling=[maybe]'" });
  assert.throws(() => chosen({ dangling: ['true', 'false'] }), { code: 'filter.value' });
});

test('labels, order and time', () => {
  assert.deepEqual(chosen({ label: ['stage'] }), ['web']);
  assert.deepEqual(chosen({ label: ['stage=a=b'] }), ['web']);
  assert.deepEqual(chosen({ label: ['stage', 'other'] }), []);
  assert.deepEqual(chosen({ before: ['web'] }), ['busybox', 'by-digest']);
  assert.deepEqual(chosen({ since: ['busybox'] }), ['dangling', 'web']);
  assert.deepEqual(chosen({ until: ['2'] }), ['busybox', 'by-digest']);
});

test('by reference an image keeps the names that match', () => {
  const [only, ...others] = selectImages(
    [BUSYBOX, WEB],
    { filters: { reference: ['busybox:*'] }, all: false },
    find,
  );
  assert.deepEqual(only?.tags, ['docker.io/library/busybox:latest']);
  assert.deepEqual(only?.digests, []);
  assert.deepEqual(others, []);
  assert.deepEqual(chosen({ reference: ['fixture/*'] }), ['web']);
  assert.deepEqual(chosen({ reference: ['busybox'] }), ['busybox', 'by-digest']);
});

test('a filter nobody knows is refused', () => {
  assert.throws(() => chosen({ colour: ['red'] }), {
    code: 'filter.unknown',
    message: "invalid filter 'colour'",
  });
});

test('shared is what another image has too', () => {
  const layer = (chainId: string, sizeBytes: number) => ({
    diffId: chainId,
    chainId,
    blobDigest: '',
    mediaType: '',
    blobSizeBytes: 0,
    sizeBytes,
  });
  const base = layer('base', 10);
  const one = view('one', { image: { layers: [base, layer('a', 5)] } });
  const two = view('two', { image: { layers: [base] } });
  const sizeOf = sharedSizes([one, two, BUSYBOX]);
  assert.deepEqual([one, two, BUSYBOX].map(sizeOf), [10, 10, 0]);
});
