import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type, type TSchema } from 'typebox';
import { isEngineError } from '#domain/error/engine-error.ts';
import { CratePlan } from '#test/versions/sample-schemas.ts';
import { sampleChanges } from '#test/versions/sample-changes.ts';
import { History } from '#api/dialect/history.ts';
import { compileBodyText } from '#api/dialect/route-at.ts';
import { Int64, Nullable } from '#api/dialect/schema.ts';
import { knownVersion } from '#api/dialect/version.ts';

const history = new History(sampleChanges, [CratePlan]);
const planAt = (version: string) => compileBodyText(history, CratePlan, knownVersion(version));
const decodeAs = (schema: TSchema, text: string): unknown =>
  compileBodyText(new History([], [schema]), schema, knownVersion('1.0'))(text);

const complaint = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (isEngineError(error, 'invalid')) return `${error.code}: ${error.message}`;
    throw error;
  }
  return assert.fail('nothing was refused');
};

test('names match without case, exact or not; the later of two wins', () => {
  assert.deepEqual(planAt('1.6')('{"owner":"a","WEIGHT":3}'), { Owner: 'a', Weight: 3 });
  assert.deepEqual(planAt('1.6')('{"Owner":"a","owner":"b"}'), { Owner: 'b' });
  assert.deepEqual(planAt('1.6')('{"owner":"b","Owner":"a"}'), { Owner: 'a' });
});

test('unknown members are dropped, null is absent unless the schema has it', () => {
  assert.deepEqual(planAt('1.6')('{"Owner":null,"Doors":null,"Nothing":1,"__proto__":{"x":1}}'), {
    Doors: null,
  });
});

test('map keys keep their case and may be anything', () => {
  const decoded = planAt('1.6')('{"Marks":{"__proto__":"p","A":"1","a":null}}');
  assert.deepEqual(Object.entries(Object(decoded).Marks), [
    ['__proto__', 'p'],
    ['A', '1'],
    ['a', ''],
  ]);
});

test('one string may stand for a list, text for a number, where declared', () => {
  assert.deepEqual(planAt('1.6')('{"Words":"a","Height":"2.5"}'), { Words: ['a'], Height: 2.5 });
  assert.deepEqual(planAt('1.6')('{"Words":["a",null],"Height":2}'), { Words: ['a', ''], Height: 2 });
});

test('64-bit integers are exact; other numbers beside them stay numbers', () => {
  assert.deepEqual(planAt('1.6')('{"PackedNanos":1234567890123456789,"Weight":12345678901234567}'), {
    PackedNanos: 1234567890123456789n,
    Weight: Number('12345678901234567'),
  });
});

test('mismatches are told in the words of old servers', () => {
  const at = (text: string) => complaint(() => planAt('1.6')(text));
  assert.equal(
    at('{"Weight":"x"}'),
    'body.type: json: cannot unmarshal string into Go struct field CratePlan.Weight of type int64',
  );
  assert.equal(
    at('{"Straps":{"Count":1.5}}'),
    'body.type: json: cannot unmarshal number 1.5 into Go struct field CratePlan.Straps.Count of type int',
  );
  assert.equal(
    at('{"Words":5}'),
    'body.type: json: cannot unmarshal number into Go struct field CratePlan.Words of type []string',
  );
  assert.equal(at('[]'), 'body.type: json: cannot unmarshal array into Go value of type CratePlan');
  assert.match(at('{"Mode":"ajar"}'), /^body.type: .* string into .*CratePlan.Mode of type string$/);
});

test('null as the whole body is an empty object', () => assert.deepEqual(planAt('1.6')('null'), {}));

test('a required member without a default is missed by name', () => {
  const schema = Type.Object({ A: Type.String(), B: Type.Integer({ default: 3 }) });
  assert.deepEqual(decodeAs(schema, '{"a":"x"}'), { A: 'x', B: 3 });
  assert.match(
    complaint(() => decodeAs(schema, '{}')),
    /^body.missing: .*A/,
  );
});

test('unions choose by JSON type, literals by value', () => {
  const schema = Type.Union([
    Type.String(),
    Type.Array(Type.Integer()),
    Nullable(Type.Object({ A: Int64() })),
  ]);
  assert.equal(decodeAs(schema, '"x"'), 'x');
  assert.deepEqual(decodeAs(schema, '[1,null]'), [1, 0]);
  assert.deepEqual(decodeAs(schema, '{"a":1}'), { A: 1n });
});

test('members a version did not know are ignored, or refused as declared', () => {
  assert.deepEqual(planAt('1.1')('{"Marks":{"a":"b"},"Rope":"r","Layers":[{}]}'), { Rope: 'r', Quiet: true });
  assert.deepEqual(planAt('1.6')('{"Marks":{"a":"b"},"Layers":[{}]}'), { Marks: { a: 'b' }, Layers: [{}] });
  assert.equal(
    complaint(() => planAt('1.6')('{"Rope":"r"}')),
    'refused: ropes are gone',
  );
  assert.equal(
    complaint(() => planAt('1.3')('{"Straps":{"Colour":"red"}}')),
    'refused: coloured straps came with 1.4',
  );
  assert.deepEqual(planAt('1.3')('{"Straps":{"Colour":null,"Count":1}}'), {
    Straps: { Count: 1 },
    Quiet: true,
  });
});

test('internal members cannot be sent', () => {
  assert.deepEqual(planAt('1.6')('{"Quiet":true}'), {});
  assert.deepEqual(planAt('1.3')('{"Quiet":false}'), { Quiet: true });
});

test('requests go up oldest change first, after the older shape was read', () => {
  assert.deepEqual(planAt('1.1')('{"owner":{"first":"ann"}}'), { Owner: 'ann', Quiet: true });
  assert.match(
    complaint(() => planAt('1.1')('{"Owner":"ann"}')),
    /CratePlan.Owner of type struct/,
  );
  assert.equal(
    complaint(() => planAt('1.4')('{"Words":["a","b"]}')),
    'refused: too many words',
  );
  assert.deepEqual(planAt('1.5')('{"Words":["a","b"]}'), { Words: ['a', 'b'] });
});
