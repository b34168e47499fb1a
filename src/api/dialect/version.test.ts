import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allVersions, formatVersion, knownVersion, parseVersion } from './version.ts';

test('versions compare as numbers, part by part', () => {
  assert.equal(parseVersion('1.44'), 1044);
  assert.ok(knownVersion('1.9') < knownVersion('1.18'));
  assert.notEqual(parseVersion('1.1'), parseVersion('1.10'));
});

test('a whole number and a printed float are version .0', () => {
  assert.equal(parseVersion('1'), 1000);
  assert.equal(parseVersion('1.000000'), 1000);
});

test('further parts do not count', () => assert.equal(parseVersion('0.8.1'), 8));

test('what is no version is undefined, not an exception', () => {
  for (const text of ['1.', '.1', '1..2', '.', '', 'x', '1.x', '-1', ' 1'])
    assert.equal(parseVersion(text), undefined);
});

test('an absurd minor number does not reach the next major', () => {
  assert.ok(knownVersion('1.99999') < knownVersion('2.0'));
});

test('printing and parsing are inverse', () => {
  fc.assert(
    fc.property(fc.nat({ max: 9 }), fc.nat({ max: 999 }), (major, minor) => {
      assert.equal(formatVersion(knownVersion(`${major}.${minor}`)), `${major}.${minor}`);
    }),
  );
});

test('all versions of a range are listed, oldest first', () => {
  assert.deepEqual(allVersions('1.9', '1.12').map(formatVersion), ['1.9', '1.10', '1.11', '1.12']);
});
