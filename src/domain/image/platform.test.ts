import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '#domain/error/engine-error.ts';
import { choosePlatform, formatPlatform, matchesPlatform, parsePlatform } from '#domain/image/platform.ts';

const machine = { os: 'linux', architecture: 'amd64', variant: '' };
const read = (text: string): string => formatPlatform(parsePlatform(text, machine));

test('every spelling of a platform becomes one', () => {
  assert.equal(read('linux/x86_64'), 'linux/amd64');
  assert.equal(read('Linux/AArch64/v8'), 'linux/arm64');
  assert.equal(read('armhf'), 'linux/arm/v7');
  assert.equal(read('linux/arm/6'), 'linux/arm/v6');
  assert.equal(read('windows'), 'windows/amd64');
  assert.equal(read('amd64'), 'linux/amd64');
});

test('a platform that is none is refused', () => {
  for (const text of ['', 'a/b/c/d', 'linux/', 'linux/a b']) {
    assert.throws(
      () => read(text),
      (error) => isEngineError(error, 'invalid'),
    );
  }
});

test('the best of several variants is chosen', () => {
  const offers = ['linux/arm/v5', 'linux/arm/v7', 'linux/amd64', 'linux/arm64/v8'];
  const choose = (wanted: string): string | undefined =>
    choosePlatform(offers, (offer) => parsePlatform(offer, machine), parsePlatform(wanted, machine));
  assert.equal(choose('linux/arm'), 'linux/arm/v7');
  assert.equal(choose('linux/arm/v6'), 'linux/arm/v5');
  assert.equal(choose('linux/amd64'), 'linux/amd64');
  assert.equal(choose('linux/arm64'), 'linux/arm64/v8');
  assert.equal(choose('linux/s390x'), undefined);
});

test('a newer instruction set is not taken for the plain one', () => {
  const v3 = parsePlatform('linux/amd64/v3', machine);
  assert.equal(matchesPlatform(v3, machine), false);
  assert.equal(matchesPlatform(v3, v3), true);
});
