import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineError } from '#domain/error/engine-error.ts';
import { errorReply, presentError } from './errors.ts';

const statusOf = (kind: EngineError['kind'], code: string, route: string): number =>
  presentError({ kind, code, message: 'm' }, { route }).status;

test('creating answers 404 for a missing image alone', () => {
  assert.equal(statusOf('not-found', 'image.not-found', 'pod-create'), 404);
  assert.equal(statusOf('not-found', 'pod.not-found', 'container-create'), 500);
  assert.equal(statusOf('not-found', 'container.not-found', 'pod-create'), 500);
});

test('the oldest clients find the words at which they pull', () => {
  const { message } = presentError({ kind: 'not-found', code: 'image.not-found', message: 'x' }, {});
  assert.match(message, /could not find image: no such id/);
});

test('what is unknown is 500, but where clients look', () => {
  assert.equal(statusOf('not-found', 'pod.not-found', 'pod-info'), 500);
  assert.equal(statusOf('not-found', 'pod.not-found', 'port-list'), 404);
  assert.equal(statusOf('not-found', 'pod.no-container', 'container-stop'), 404);
  assert.equal(statusOf('not-found', 'pod.no-container', 'container-info'), 500);
  assert.equal(statusOf('not-found', 'registry.unknown', 'image-pull'), 404);
});

test('pods that are not alive are 412, the rest is 500', () => {
  assert.equal(statusOf('conflict', 'pod.busy', 'pod-start'), 412);
  assert.equal(statusOf('conflict', 'pod.not-running', 'container-create'), 500);
  assert.equal(statusOf('invalid', 'pod.hostname', 'pod-create'), 500);
});

test('errors are plain text that ends its line', () => {
  assert.deepEqual(errorReply({ status: 500, message: 'm' }), { kind: 'text', status: 500, body: 'm\n' });
});
