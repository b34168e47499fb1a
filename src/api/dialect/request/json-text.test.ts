import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEngineError } from '#domain/error/engine-error.ts';
import { parseFirstJson } from './json-text.ts';

const complaint = (text: string): string => {
  try {
    parseFirstJson(text, false);
  } catch (error) {
    if (isEngineError(error, 'invalid') && error.code === 'body.syntax') return error.message;
  }
  return assert.fail(`no syntax error for ${text}`);
};

test('data after the first value is ignored', () => {
  assert.deepEqual(parseFirstJson('{"a":"}"}\n{"b":2}', false), { a: '}' });
  assert.deepEqual(parseFirstJson('[1, [2]] trailing', false), [1, [2]]);
  assert.equal(parseFirstJson('5 6', false), 5);
  assert.equal(parseFirstJson('"a\\"b" x', false), 'a"b');
  assert.deepEqual(parseFirstJson('{"a":1}}', false), { a: 1 });
});

test('data after a value that must be alone is refused, a broken one is told first', () => {
  for (const text of ['{} trailing content', '{}{}', '[1] x']) {
    assert.throws(() => parseFirstJson(text, false, true), { code: 'body.more' }, text);
  }
  assert.deepEqual(parseFirstJson('{} \n', false, true), {});
  assert.throws(() => parseFirstJson('{bad} x', false, true), { code: 'body.syntax' });
});

test('any value followed by any other text is the value', () => {
  const tails = fc.constantFrom(' {', '{}', '\n[1', ' "', '\r\n{"a":1}', ' x', ' ]');
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue().filter((value) => typeof value === 'object' && value !== null)),
      tails,
      (value, tail) => {
        assert.deepEqual(
          parseFirstJson(JSON.stringify(value) + tail, false),
          JSON.parse(JSON.stringify(value)),
        );
      },
    ),
  );
});

test('any text either parses or is a syntax error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",: \\a1tn') }), (text) => {
      try {
        parseFirstJson(text, true);
      } catch (error) {
        assert.ok(isEngineError(error, 'invalid'));
      }
    }),
  );
});

test('integers beyond 2^53 are exact where asked for, and only there', () => {
  assert.deepEqual(parseFirstJson('{"a":9223372036854775807,"b":12}', true), {
    a: 9223372036854775807n,
    b: 12,
  });
  assert.equal(parseFirstJson('9223372036854775807', false), 2 ** 63);
  assert.equal(parseFirstJson('1234567890123456.5', true), 1234567890123456.5);
});

test('syntax errors use the words of old servers', () => {
  assert.equal(complaint('hello'), "invalid character 'h' looking for beginning of value");
  assert.equal(complaint('{a:1}'), "invalid character 'a' looking for beginning of object key string");
  assert.equal(complaint('{"a" 1}'), "invalid character '1' after object key");
  assert.equal(complaint('{"a":1 "b"}'), "invalid character '\"' after object key:value pair");
  assert.equal(complaint('[1 2]'), "invalid character '2' after array element");
  assert.equal(complaint('{"a":'), 'unexpected EOF');
  assert.equal(complaint('"abc'), 'unexpected EOF');
  assert.equal(complaint('{"a":"b"'), 'unexpected EOF');
  assert.equal(complaint('[1\n'), 'unexpected EOF');
  assert.equal(complaint(''), 'unexpected EOF');
});
