import fc from 'fast-check';
import type { History } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';

const WORDS = ['', 'a', 'busy box', 'quay.io:5000/a/b:1.0', '/x/y', '80/tcp', 'ÄÖ', '-1', 'sha256:00'];

/** Values of a head schema, members of every version and internal ones included. */
export const valuesOf = (history: History, schema: Shape): fc.Arbitrary<unknown> => {
  const shape = history.resolve(schema);
  const scalar = scalarsOf(shape);
  if (scalar !== undefined) return scalar;
  if (shape.properties !== undefined) return objectsOf(history, shape);
  if (shape.items !== undefined) return fc.array(valuesOf(history, shape.items), { maxLength: 3 });
  if (shape.anyOf !== undefined) return fc.oneof(...shape.anyOf.map((variant) => valuesOf(history, variant)));
  const inner = Object.values(shape.patternProperties ?? {})[0];
  if (inner !== undefined) {
    return fc.dictionary(fc.constantFrom(...WORDS), valuesOf(history, inner), {
      maxKeys: 3,
      noNullPrototype: true,
    });
  }
  return fc.constantFrom<unknown>('any', 7, { Any: ['thing'] });
};

const scalarsOf = (shape: Shape): fc.Arbitrary<unknown> | undefined => {
  const { examples, const: literal } = shape as Shape & { examples?: readonly unknown[] };
  if (literal !== undefined) return fc.constant(literal);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  if (examples !== undefined && examples.length > 0) return fc.constantFrom(...examples);
  if (shape['x-form'] === 'int64') return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  if (shape.type === 'string') return stringsOf(shape as Shape & { format?: string });
  if (shape.type === 'boolean') return fc.boolean();
  if (shape.type === 'integer') return fc.integer(boundsOf(shape));
  if (shape.type === 'number') return fc.double({ ...boundsOf(shape), noNaN: true, noDefaultInfinity: true });
  return shape.type === 'null' ? fc.constant(null) : undefined;
};

const boundsOf = (shape: Shape): { min?: number; max?: number } => {
  const { minimum, maximum } = shape as { minimum?: number; maximum?: number };
  return { ...(minimum !== undefined && { min: minimum }), ...(maximum !== undefined && { max: maximum }) };
};

const stringsOf = ({ format }: { format?: string }): fc.Arbitrary<string> => {
  if (format !== 'date-time') return fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 8 }));
  const span = { min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true };
  return fc.oneof(
    fc.date(span).map((date) => date.toISOString()),
    fc.constant('0001-01-01T00:00:00Z'),
  );
};

const objectsOf = (history: History, shape: Shape): fc.Arbitrary<unknown> => {
  const members = Object.entries(shape.properties ?? {});
  const model = Object.fromEntries(members.map(([name, member]) => [name, valuesOf(history, member)]));
  return fc.record(model, { requiredKeys: [...(shape.required ?? [])], noNullPrototype: true });
};

/** What a client reads: bigints as numbers, members that are `undefined` gone. */
export const asWire = (value: unknown): unknown =>
  value === undefined
    ? undefined
    : JSON.parse(
        JSON.stringify(value, (_name, each: unknown) => (typeof each === 'bigint' ? Number(each) : each)),
      );
