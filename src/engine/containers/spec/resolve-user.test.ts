import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '#domain/error/engine-error.ts';
import { resolveUser } from './resolve-user.ts';

const files = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1001::/home/bob:\nbad line\n',
  group: 'root:x:0:\nbobs:x:1001:\nwheel:x:10:bob,root\naudio:x:29:\n',
};

test('nothing given is root with its home', () => {
  assert.deepEqual(resolveUser('', [], files), {
    uid: 0,
    gid: 0,
    additionalGids: [0, 10],
    home: '/root',
  });
});

test('a name brings its groups', () => {
  assert.deepEqual(resolveUser('bob', ['audio'], files), {
    uid: 1000,
    gid: 1001,
    additionalGids: [10, 29, 1001],
    home: '/home/bob',
  });
});

test('numbers need no entry', () => {
  assert.deepEqual(resolveUser('4711:4712', [], { passwd: '', group: '' }), {
    uid: 4711,
    gid: 4712,
    additionalGids: [4712],
    home: '/',
  });
});

test('a given group replaces the memberships', () => {
  assert.deepEqual(resolveUser('bob:audio', [], files).additionalGids, [29]);
});

test('unknown names are refused', () => {
  assert.throws(
    () => resolveUser('eve', [], files),
    (error) => isEngineError(error) && error.code === 'user.unknown',
  );
  assert.throws(
    () => resolveUser('bob:eve', [], files),
    (error) => isEngineError(error) && error.code === 'group.unknown',
  );
  assert.throws(
    () => resolveUser('99999999999', [], files),
    (error) => isEngineError(error) && error.code === 'user.unknown',
  );
});
