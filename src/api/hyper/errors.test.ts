import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineError } from '#domain/error/engine-error.ts';
import { errorReply, presentError } from './errors.ts';

const statusOf = (kind: EngineError['kind'], code: string, route: string): number =>
  presentError({ kind, code, message: 'm', params: {} }, { route }).status;

test('creating answers 404 for a missing image alone', () => {
  assert.equal(statusOf('not-found', 'image.not-found', 'pod-create'), 404);
  assert.equal(statusOf('not-found', 'pod.not-found', 'container-create'), 500);
  assert.equal(statusOf('not-found', 'container.not-found', 'pod-create'), 500);
});

test('a missing image is named with its tag', () => {
  const params = { ref: 'x', name: 'x:latest' };
  const { message } = presentError({ kind: 'not-found', code: 'image.not-found', message: 'm', params }, {});
  assert.equal(message, 'No such image: x:latest');
});

test('hyperd’s own sentence counts before the engine’s, by route', () => {
  const params = { ref: 'x' };
  const said = (route: string): string =>
    presentError({ kind: 'not-found', code: 'pod.not-found', message: 'm', params }, { route }).message;
  assert.equal(said('pod-stop'), 'Can not find pod(x)');
  assert.equal(said('pod-remove'), 'Can not find that Pod(x)');
  assert.equal(said('nowhere'), 'm');
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
