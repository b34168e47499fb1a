import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ADJECTIVES, SURNAMES } from './name-words.ts';
import { generateName, parseName, resolveRef } from './names.ts';
import type { NameIndex } from './names.ts';

const ID = 'a1'.repeat(32);

describe('names', () => {
  it('obey the pattern, with or without a slash', () => {
    for (const good of ['ab', '/ab', 'A.b-c_9']) assert.equal(parseName(good), good.replace('/', ''));
    for (const bad of ['', '/', 'a', '-ab', 'a b', 'a/b', 'ä1', '//ab']) {
      assert.throws(() => parseName(bad), { kind: 'invalid', code: 'container.name-invalid' }, bad);
    }
  });

  it('are made of enough good words, each once', () => {
    for (const words of [ADJECTIVES, SURNAMES]) {
      assert.ok(words.length >= 80);
      assert.equal(new Set(words).size, words.length);
      for (const word of words) assert.match(word, /^[a-z]+$/);
    }
  });

  it('get a digit after the first attempt, and the short id at last', () => {
    const tried: string[] = [];
    const name = generateName(
      ID,
      (candidate) => tried.push(candidate) > 0,
      () => 3,
    );
    assert.equal(name, ID.slice(0, 12));
    assert.equal(tried.length, 6);
    assert.match(tried[0] ?? '', /^[a-z]+_[a-z]+$/);
    for (const candidate of tried.slice(1)) assert.match(candidate, /^[a-z]+_[a-z]+3$/);
  });
});

describe('lookup', () => {
  const ids = ['abc'.padEnd(64, '0'), 'abd'.padEnd(64, '0')];
  const names = new Map([
    ['abc', ids[1] ?? ''],
    ['parent/alias', ids[0] ?? ''],
  ]);
  const index: NameIndex = {
    has: (id) => ids.includes(id),
    idOfName: (name) => names.get(name),
    ids: () => ids,
  };

  it('takes a full id, then a name or link path, then a unique prefix', () => {
    assert.equal(resolveRef(ids[0] ?? '', index), ids[0]);
    assert.equal(resolveRef('abc', index), ids[1]);
    assert.equal(resolveRef('/parent/alias', index), ids[0]);
    assert.equal(resolveRef('abc0', index), ids[0]);
  });

  it('says what is wrong', () => {
    assert.throws(() => resolveRef('ab', index), { code: 'container.ambiguous' });
    assert.throws(() => resolveRef('x', index), { kind: 'not-found', params: { ref: 'x' } });
    assert.throws(() => resolveRef('', index), { code: 'container.empty-ref' });
  });
});
