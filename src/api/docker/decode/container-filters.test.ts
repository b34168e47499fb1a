import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilterMap } from '#api/dialect/schema.ts';
import type { Container } from '#domain/container/container.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { containerFilter } from './container-filters.ts';

const CONTAINER = {
  id: 'ab'.repeat(32),
  name: 'web_1',
  imageId: 'sha256:1',
  config: { exposedPorts: ['80/tcp', '53/udp'], labels: { role: 'web', empty: '' } },
  host: { isolation: '' },
  state: { status: 'exited', exitCode: 3 },
  endpoints: { shop: { networkId: 'cafe00' } },
  published: [{ containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 }],
  mounts: [{ name: 'data', destination: '/data' }],
} as unknown as Container;

const WORLD = {
  isDescendant: (_image: string, ref: string): boolean => ref === 'busybox',
  placeOf: (): number => 5,
};

const matches = (filters: FilterMap, place = 0): boolean =>
  containerFilter(filters, WORLD).matches(CONTAINER, place);

test('values of one key are alternatives, keys add up', () => {
  assert.equal(matches({ name: ['nothing', 'web'] }), true);
  assert.equal(matches({ name: ['web'], status: ['running'] }), false);
});

test('all labels must be there', () => {
  assert.equal(matches({ label: ['role=web', 'empty'] }), true);
  assert.equal(matches({ label: ['role=web', 'missing'] }), false);
  assert.equal(matches({ label: ['toString'] }), false);
});

test('names are expressions, with the slash or without', () => {
  assert.equal(matches({ name: ['^/web_1$'] }), true);
  assert.equal(matches({ name: ['^web'] }), true);
  assert.equal(matches({ name: ['['] }), false);
});

test('every key looks at its own', () => {
  const good: FilterMap[] = [
    { ancestor: ['busybox'] },
    { exited: ['3'] },
    { expose: ['53/udp'] },
    { expose: ['70-90'] },
    { publish: ['80/tcp'] },
    { network: ['shop'] },
    { network: ['cafe'] },
    { volume: ['data'] },
    { volume: ['/data'] },
    { id: ['abab'] },
    { 'is-task': ['false'] },
    { health: ['none'] },
    { status: ['exited'] },
  ];
  for (const filters of good) assert.equal(matches(filters), true, JSON.stringify(filters));
  const bad: FilterMap[] = [
    { ancestor: ['debian'] },
    { exited: ['0'] },
    { publish: ['53/udp'] },
    { 'is-task': ['true'] },
  ];
  for (const filters of bad) assert.equal(matches(filters), false, JSON.stringify(filters));
});

test('before and since are places in the list, newest first', () => {
  assert.equal(matches({ since: ['x'] }, 4), true);
  assert.equal(matches({ since: ['x'] }, 5), false);
  assert.equal(matches({ before: ['x'] }, 6), true);
});

test('what is unknown is refused, or ignored where that was so', () => {
  const isRefused = (error: unknown): boolean =>
    isEngineError(error, 'invalid') && error.message === "invalid filter 'x'";
  assert.throws(() => matches({ x: ['y'] }), isRefused);
  assert.equal(containerFilter({ x: ['y'] }, WORLD, true).matches(CONTAINER, 0), true);
  assert.throws(() => matches({ status: ['tired'] }), /invalid value for state \(tired\)/);
});

test('asking for a status includes what does not run', () => {
  assert.equal(containerFilter({ status: ['exited'] }, WORLD).includesStopped, true);
  assert.equal(containerFilter({ name: ['web'] }, WORLD).includesStopped, false);
});
