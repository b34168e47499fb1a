import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type, type TSchema } from 'typebox';
import { Crate, Seal, Shelf } from '#test/versions/sample-schemas.ts';
import { sampleChanges } from '#test/versions/sample-changes.ts';
import { asWire } from '#test/versions/generate.ts';
import { reshape } from '#api/dialect/change.ts';
import { DownCompiler } from './down.ts';
import { History } from '#api/dialect/history.ts';
import { since, until } from '#api/dialect/lifetime.ts';
import { amend } from '#api/dialect/schema.ts';
import { knownVersion } from '#api/dialect/version.ts';

const seal = { Maker: 'm', Stamp: 's', Wax: 'w' };
const crate = {
  Id: '1',
  Tags: ['a', 'bc'],
  Weight: 1,
  Gross: 2,
  Owner: 'ann',
  Seals: { x: seal, y: null },
  Main: seal,
  Lid: 'oak',
  PackedNanos: 5n,
  Origin: 'here',
};

const history = new History(sampleChanges, [Shelf, Crate, Seal]);
const take = (schema: TSchema, value: unknown, version: string): unknown => {
  const step = new DownCompiler(history, knownVersion(version)).compile(schema);
  return asWire(step === undefined ? value : step.run(value));
};

test('nothing is done where nothing differs', () => {
  assert.equal(new DownCompiler(history, knownVersion('1.6')).compile(Seal.properties.Maker), undefined);
  const plain = Type.Object({ A: Type.Array(Type.Object({ B: Type.String(until('9.0')) })) });
  assert.equal(new DownCompiler(history, knownVersion('1.6')).compile(plain), undefined);
});

test('members dead at a version are dropped, at any depth; internal ones always', () => {
  const { Gross: _gross, Origin: _origin, ...rest } = crate;
  const { Wax: _wax, ...today } = seal;
  const expected = { ...rest, PackedNanos: 5, Main: today, Seals: { x: today, y: null } };
  assert.deepEqual(take(Type.Array(Crate), [crate], '1.6'), [expected]);
});

test('a member may live twice', () => {
  for (const [version, lid] of Object.entries({
    '1.0': undefined,
    '1.2': 'oak',
    '1.3': undefined,
    '1.5': 'oak',
  })) {
    const [first] = take(Type.Array(Crate), [crate], version) as [{ Lid?: string }];
    assert.equal(first.Lid, lid, version);
  }
});

test('changes go newest first, dropping comes last, one value may become several or none', () => {
  assert.deepEqual(take(Type.Array(Crate), [crate, { ...crate, Tags: [] }], '1.2'), [
    {
      Id: '1',
      Weight: 1,
      Gross: 2,
      Owner: 'ann',
      Tag: 'a',
      Lid: 'oak',
      Seals: { x: { Maker: 'm', Wax: 'w' }, y: null },
      Main: { Maker: 'm', Wax: 'w' },
    },
    {
      Id: '1',
      Weight: 1,
      Gross: 2,
      Owner: 'ann',
      Tag: 'bc',
      Lid: 'oak',
      Seals: { x: { Maker: 'm', Wax: 'w' }, y: null },
      Main: { Maker: 'm', Wax: 'w' },
    },
  ]);
  const oldest = take(Type.Array(Crate), [crate], '1.0') as unknown[];
  assert.deepEqual(oldest[1], { Id: '1', Weight: 1, Gross: 2, Owner: 'ANN', Tag: 2, Main: 'm/s' });
});

test('changes apply inside lists, maps, unions and references alike', () => {
  const shelf = { Name: 'n', Crates: [crate], Best: seal };
  assert.equal((take(Shelf, shelf, '1.2') as { Crates: unknown[] }).Crates.length, 2);
  const wide = Type.Object({ All: Type.Record(Type.String(), Type.Union([Type.Ref('Seal'), Type.Null()])) });
  assert.deepEqual(take(wide, { All: { a: seal, b: null } }, '1.0'), { All: { a: 'm/s', b: null } });
});

test('a spread outside a list is an error when compiled', () => {
  const schema = Type.Object({ One: Crate });
  assert.throws(() => new DownCompiler(history, knownVersion('1.0')).compile(schema), /not in a list/);
});

test('a parent goes down before its children and sees them in today’s form', () => {
  const Child = Type.Object({ A: Type.String() }, { $id: 'Child' });
  const Parent = Type.Object({ Only: Child, Many: Type.Array(Child, since('1.5')) }, { $id: 'Parent' });
  const note = { why: '', source: '', examples: [{ newer: {}, older: {} }] } as const;
  const childLength = reshape({
    ...note,
    id: 'c',
    in: '1.4',
    on: Child,
    older: amend(Child, { A: Type.Integer() }),
    down: ({ A }) => ({ A: A.length }),
  });
  const parentJoins = reshape({
    ...note,
    id: 'p',
    in: '1.3',
    on: Parent,
    older: amend(Parent, { Text: Type.String() }),
    down: (parent) => ({ ...parent, Text: parent.Many.map(({ A }) => A).join() }),
  });
  const both = new History([childLength, parentJoins], [Parent]);
  const step = new DownCompiler(both, knownVersion('1.2')).compile(Parent);
  assert.deepEqual(asWire(step?.run({ Only: { A: 'xx' }, Many: [{ A: 'abc' }, { A: 'd' }] })), {
    Only: { A: 2 },
    Text: 'abc,d',
  });
});
