import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, either, isInside, since, until, type Lifetime } from './lifetime.ts';
import { allVersions, formatVersion } from './version.ts';

const livesIn = (lifetime: Lifetime): string[] =>
  allVersions('1.0', '1.6')
    .filter((version) => isInside(lifetime['x-alive'], version))
    .map(formatVersion);

test('since includes its version, until does not', () => {
  assert.deepEqual(livesIn(since('1.5')), ['1.5', '1.6']);
  assert.deepEqual(livesIn(until('1.2')), ['1.0', '1.1']);
});

test('alive needs all, either needs one', () => {
  const early = alive(since('1.1'), until('1.3'));
  assert.deepEqual(livesIn(early), ['1.1', '1.2']);
  assert.deepEqual(livesIn(either(early, since('1.5'))), ['1.1', '1.2', '1.5', '1.6']);
});

test('a window with nothing in it is empty', () => {
  assert.deepEqual(alive(since('1.5'), until('1.5'))['x-alive'], []);
});
