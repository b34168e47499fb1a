import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { toJsonText } from './json-text.ts';

describe('JSON text', () => {
  it('is what JSON.stringify makes of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(toJsonText(value), JSON.stringify(value));
      }),
    );
  });

  it('has every digit of a bigint, wherever it is', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        assert.equal(toJsonText({ a: [value, 'x'] }), `{"a":[${value},"x"]}`);
      }),
    );
    assert.equal(toJsonText(7n), '7');
  });

  it('leaves out what is undefined, and is null where nothing else is left', () => {
    assert.equal(toJsonText({ a: undefined, b: 1n }), '{"b":1}');
    assert.equal(toJsonText(undefined), 'null');
  });

  it('does not hide that a value has none', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    assert.throws(() => toJsonText(circular), TypeError);
  });
});
