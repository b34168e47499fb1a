import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactInteger, INT64_MAX, parseExactJson, toExactJson, UINT64_MAX } from './exact-json.ts';

test('whole numbers have all their digits', () => {
  assert.equal(
    toExactJson({ a: [2 ** 60, 1, 0.5, null, 'x'] }),
    '{"a":[1152921504606846976,1,0.5,null,"x"]}',
  );
  assert.equal(toExactJson(9223372036854771712), '9223372036854771712');
  assert.equal(toExactJson(UINT64_MAX), '18446744073709551615');
  assert.equal(toExactJson(1e300), '9223372036854775807');
});

test('the largest and the smallest number of 64 bits come back as they were', () => {
  for (const text of ['9223372036854775807', '-9223372036854775808'])
    assert.equal(toExactJson(JSON.parse(text)), text);
  assert.equal(exactInteger(2 ** 63), INT64_MAX);
});

test('what is read exactly is written as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -UINT64_MAX, max: UINT64_MAX })), (numbers) => {
      const text = `[${numbers.join(',')}]`;
      assert.equal(toExactJson(parseExactJson(text)), text);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: true }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\d{16}|\de\+/.test(text));
      assert.equal(toExactJson(parseExactJson(text)), text);
    }),
  );
});
