import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { isEngineError } from '#domain/error/engine-error.ts';
import { ListQuery, SizeQuery } from '#test/versions/sample-schemas.ts';
import { sampleChanges } from '#test/versions/sample-changes.ts';
import { History } from '#api/dialect/history.ts';
import { compileParameters } from './parameters.ts';
import { knownVersion } from '#api/dialect/version.ts';

const history = new History(sampleChanges, [ListQuery, SizeQuery]);

const read = (text: string, version = '1.6', schema: TSchema = ListQuery): unknown => {
  const query = new URLSearchParams(text);
  const source = {
    one: (name: string) => query.get(name) ?? undefined,
    all: (name: string) => query.getAll(name),
  };
  return compileParameters(history, schema, knownVersion(version))(source);
};

const complaint = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return isEngineError(error, 'invalid') ? { code: error.code, ...error.params } : error;
  }
};

test('silence is told from emptiness; required booleans are false, defaults are filled in', () => {
  assert.deepEqual(read(''), { all: false, pause: true });
  assert.deepEqual(read('wait=&pause=&limit='), { all: false, pause: false, wait: '' });
});

test('booleans are lenient', () => {
  for (const text of ['', '0', 'no', 'False', ' NONE ', 'false'])
    assert.deepEqual(read(`pause=${text}`), { all: false, pause: false });
  for (const text of ['1', 'true', 'T', '2', 'foo'])
    assert.deepEqual(read(`all=${text}`), { all: true, pause: true });
});

test('integers are strict, or lenient in the versions declared', () => {
  assert.deepEqual(read('limit=-1'), { all: false, pause: true, limit: -1 });
  assert.deepEqual(
    complaint(() => read('limit=x')),
    { code: 'query.integer', name: 'limit', value: 'x' },
  );
  assert.deepEqual(
    complaint(() => read('limit=1e3')),
    { code: 'query.integer', name: 'limit', value: '1e3' },
  );
  assert.deepEqual(read('limit=x', '1.3'), { all: false, pause: true, wait: 'next-exit' });
});

test('an integer that must be there is missed like a bad one', () => {
  assert.deepEqual(read('h=1&w=+2'.replace('+', '%2B'), '1.6', SizeQuery), { h: 1, w: 2 });
  assert.deepEqual(
    complaint(() => read('h=1', '1.6', SizeQuery)),
    { code: 'query.integer', name: 'w', value: '' },
  );
});

test('lists repeat, all others take the first, unknown names do not count', () => {
  assert.deepEqual(read('name=a&name=b&wait=c&wait=d&trunc_cmd=1'), {
    all: false,
    pause: true,
    name: ['a', 'b'],
    wait: 'c',
  });
});

test('filters come as lists or maps', () => {
  const filters = (text: string): unknown => Object(read(`filters=${encodeURIComponent(text)}`)).filters;
  assert.deepEqual(filters('{"label":["a=b","c"]}'), { label: ['a=b', 'c'] });
  assert.deepEqual(filters('{"label":{"a=b":true,"c":false}}'), { label: ['a=b', 'c'] });
  for (const none of ['', '{}', 'null', ' ']) assert.deepEqual(filters(none), {});
  for (const bad of ['x', '[]', '{"a":1}', '{"a":[1]}', '{"a":"b"}']) {
    assert.equal(Object(complaint(() => filters(bad))).code, 'query.filters');
  }
});

test('a filter may have any name', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.array(fc.string())), (wanted) => {
      const result = Object(read(`filters=${encodeURIComponent(JSON.stringify(wanted))}`)).filters;
      assert.deepEqual(Object.entries(result), Object.entries(JSON.parse(JSON.stringify(wanted))));
    }),
  );
});

test('JSON parameters are decoded like bodies', () => {
  assert.deepEqual(read('shape={"sides":4}'), { all: false, pause: true, shape: { Sides: 4 } });
  assert.deepEqual(read('shape='), { all: false, pause: true });
  assert.equal(Object(complaint(() => read('shape={"sides":"x"}'))).code, 'query.json');
});

test('parameters not alive are ignored or refused; silence of old versions is written out', () => {
  assert.deepEqual(read('order=up', '1.3'), { all: false, pause: true, order: 'up', wait: 'next-exit' });
  assert.deepEqual(read('order=up', '1.2'), { all: false, pause: true, wait: 'next-exit' });
  assert.equal(Object(complaint(() => read('raw=1', '1.4'))).code, 'refused');
  assert.deepEqual(read('raw=1', '1.5'), { all: false, pause: true, raw: '1' });
});
