import { Type } from 'typebox';
import { alive, either, lenient, refuseBefore, refuseSince, since, until } from '#api/dialect/lifetime.ts';
import {
  Filters,
  Int64,
  Nullable,
  NumericText,
  StringOrList,
  internal,
  json,
  typeName,
} from '#api/dialect/schema.ts';

/** A made-up API of crates on shelves that uses every word of the kit at least once. */
export const Seal = Type.Object(
  {
    Maker: Type.String(),
    Stamp: Type.String(since('1.3')),
    Wax: Type.Optional(Type.String({ ...alive(since('1.2'), until('1.4')) })),
  },
  { $id: 'Seal' },
);

export const Crate = Type.Object(
  {
    Id: Type.String(),
    Tags: Type.Array(Type.String(), since('1.3')),
    Weight: Type.Integer(),
    Gross: Type.Integer(until('1.6')),
    Owner: Type.String(),
    Seals: Type.Record(Type.String(), Nullable(Seal), since('1.2')),
    Main: Nullable(Seal),
    Lid: Type.Optional(Type.String(either(alive(since('1.1'), until('1.3')), since('1.5')))),
    PackedNanos: Type.Optional(Int64(since('1.4'))),
    Origin: Type.Optional(Type.String({ ...internal })),
  },
  { $id: 'Crate' },
);

export const Shelf = Type.Object(
  {
    Name: Type.String(),
    Crates: Type.Array(Crate),
    Best: Type.Optional(Type.Ref('Seal', since('1.4'))),
  },
  { $id: 'Shelf' },
);

export const Step = Type.Object(
  { status: Type.String(), done: Type.Optional(Type.Integer(since('1.3'))) },
  { $id: 'Step' },
);

const Straps = Type.Object(
  {
    Count: Type.Optional(Type.Integer()),
    Colour: Type.Optional(Type.String(refuseBefore('1.4', 'coloured straps came with 1.4'))),
  },
  { $id: 'Straps' },
);

export const CratePlan = Type.Object(
  {
    Owner: Type.Optional(Type.String()),
    Words: Type.Optional(StringOrList()),
    Weight: Type.Optional(Type.Integer(typeName('int64'))),
    Height: Type.Optional(NumericText()),
    PackedNanos: Type.Optional(Int64()),
    Marks: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.2'))),
    Doors: Type.Optional(Nullable(Type.Integer())),
    Straps: Type.Optional(Straps),
    Layers: Type.Optional(Type.Array(Straps, since('1.5'))),
    Rope: Type.Optional(Type.String(refuseSince('1.6', 'ropes are gone'))),
    Mode: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('shut')])),
    Quiet: Type.Optional(Type.Boolean({ ...internal })),
  },
  { $id: 'CratePlan' },
);

export const ListQuery = Type.Object(
  {
    all: Type.Boolean(),
    limit: Type.Optional(Type.Integer({ ...lenient(until('1.4')) })),
    order: Type.Optional(Type.String(since('1.3'))),
    filters: Type.Optional(Filters()),
    name: Type.Optional(Type.Array(Type.String())),
    shape: Type.Optional(Type.Object({ Sides: Type.Optional(Type.Integer()) }, { ...json })),
    pause: Type.Boolean({ default: true }),
    wait: Type.Optional(Type.String()),
    raw: Type.Optional(Type.String(refuseBefore('1.5', 'raw lists came with 1.5'))),
  },
  { $id: 'ListQuery' },
);

export const SizeQuery = Type.Object({ h: Type.Integer(), w: Type.Integer() }, { $id: 'SizeQuery' });
