import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type as Typebox } from 'typebox';
import { Type } from './type.ts';

const schemas = (kit: typeof Type) => {
  const maybe = kit.Optional(kit.String({ note: 1 }));
  const whole = kit.Object({ a: maybe, b: kit.Integer(), c: kit.With(maybe, { more: 2 }) }, { $id: 'Whole' });
  return {
    whole,
    nothingRequired: kit.Object({ a: maybe }),
    again: kit.Object({ ...whole.properties, d: kit.Optional(kit.Ref('Whole')) }),
    record: kit.Record(kit.String(), kit.Boolean(), { note: 1 }),
    union: kit.Union([kit.Number(), kit.Null(), kit.Literal('x'), kit.Literal(3)], { note: 1 }),
    both: kit.Intersect([kit.Object({}), kit.Object({})], { note: 1 }),
    list: kit.Array(kit.Unknown({ note: 1 }), { note: 2 }),
    ref: kit.Ref('Whole', { note: 1 }),
    unsafe: kit.Unsafe({ type: 'x' }),
  };
};

void test('the builders make what typebox makes', () => {
  assert.equal(JSON.stringify(schemas(Type)), JSON.stringify(schemas(Typebox)));
});
