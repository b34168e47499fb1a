import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeGlob, globMatcher } from './glob.ts';

const matches = (pattern: string, name: string): boolean => globMatcher(pattern)(name);

test('a star stops at slashes', () => {
  assert.equal(matches('fixture/*', 'fixture/web:1.0'), true);
  assert.equal(matches('*', 'fixture/web'), false);
  assert.equal(matches('busybox', 'busybox2'), false);
});

test('question marks, classes and escapes', () => {
  assert.equal(matches('a?c', 'abc'), true);
  assert.equal(matches('a?c', 'a/c'), false);
  assert.equal(matches('[a-c]1', 'b1'), true);
  assert.equal(matches('[^a-c]1', 'b1'), false);
  assert.equal(matches(String.raw`[a\]]`, ']'), true);
  assert.equal(matches(String.raw`a\*`, 'a*'), true);
  assert.equal(matches('a.c+(x)', 'a.c+(x)'), true);
  assert.equal(matches('a.c', 'abc'), false);
});

test('a pattern that does not end properly is refused', () => {
  for (const pattern of ['[a', '[]', 'a\\', '[z-a]']) {
    assert.throws(() => globMatcher(pattern), { code: 'filter.pattern' }, pattern);
  }
});

test('an escaped text matches itself only', () => {
  const text = String.raw`a*[b]?\c`;
  assert.equal(matches(escapeGlob(text), text), true);
  assert.equal(matches(escapeGlob('a*'), 'ab'), false);
});
