import { EngineError } from '#domain/error/engine-error.ts';
import type { Shape } from '#api/dialect/schema.ts';

/** Where in a body a schema stands, for the words of errors. */
export type Place = { readonly root: string | undefined; readonly path: string };

type Decode = (value: unknown) => unknown;

/** The decoder of a schema without inner schemas; `undefined` for all others. */
export const decodeScalar = (shape: Shape, place: Place): Decode | undefined => {
  const fail = mismatch(shape, place);
  const form = shape['x-form'];
  if (form !== undefined && form in FORMS) return orFail(FORMS[form], fail);
  if (shape.const !== undefined || shape.enum !== undefined) {
    return orFail((value) => (isOfType(shape, value) ? value : undefined), fail);
  }
  const scalar = SCALARS[shape.type ?? ''];
  return scalar === undefined ? undefined : orFail(scalar, fail);
};

const orFail =
  (decode: Decode | undefined, fail: (value: unknown) => EngineError): Decode =>
  (value) => {
    const result = decode?.(value);
    if (result === undefined) throw fail(value);
    return result;
  };

// Each gives `undefined` for a value it cannot take.
const FORMS: Record<string, Decode> = {
  'string-or-list': (value) => {
    if (typeof value === 'string') return [value];
    if (!Array.isArray(value)) return undefined;
    const texts = value.map((item: unknown) => item ?? '');
    return texts.every((item) => typeof item === 'string') ? texts : undefined;
  },
  'numeric-text': (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return SCALARS['number']?.(number);
  },
  int64: (value) => {
    if (typeof value === 'bigint') return value;
    return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
  },
};

const SCALARS: Record<string, Decode> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  number: (value) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    return typeof number === 'number' && !Number.isNaN(number) ? number : undefined;
  },
  integer: (value) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    return Number.isInteger(number) ? number : undefined;
  },
  null: (value) => (value === null ? value : undefined),
};

/** What a null in a list or map stands for. */
export const zeroOf = (shape: Shape): unknown => {
  if (shape.type === 'string') return '';
  if (shape.type === 'boolean') return false;
  if (shape.type === 'array') return [];
  if (shape.type === 'object') return {};
  return shape.type === 'integer' || shape.type === 'number' ? 0 : null;
};

export const acceptsNull = (shape: Shape): boolean =>
  shape.type === 'null' || (shape.anyOf ?? []).some(acceptsNull);

/** Whether a union's variant is the one for a value: by literal, else by JSON type alone. */
export const isOfType = (shape: Shape, value: unknown): boolean => {
  if (shape.const !== undefined) return shape.const === value;
  if (shape.enum !== undefined) return shape.enum.includes(value);
  if (shape['x-form'] === 'string-or-list' && typeof value === 'string') return true;
  if (shape['x-form'] === 'numeric-text' && typeof value === 'string') return true;
  if (shape.anyOf !== undefined) return shape.anyOf.some((variant) => isOfType(variant, value));
  if (shape.type === undefined) return true;
  return shape.type === typeOfValue(value) || (shape.type === 'integer' && Number.isInteger(value));
};

const typeOfValue = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'bigint' ? 'integer' : typeof value;
};

const nameOfValue = (value: unknown): string => {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' && !Number.isInteger(value)) return `number ${value}`;
  const type = typeOfValue(value);
  return type === 'integer' ? 'number' : type;
};

const TYPE_NAMES: Record<string, string> = { boolean: 'bool', integer: 'int', number: 'float64' };

const describeType = (shape: Shape): string => {
  if (shape['x-type'] !== undefined) return shape['x-type'];
  const variant = shape.anyOf?.find((each) => each.type !== 'null');
  if (variant !== undefined) return describeType(variant);
  if (shape.items !== undefined) return `[]${describeType(shape.items)}`;
  const values = Object.values(shape.patternProperties ?? {})[0];
  if (values !== undefined) return `map[string]${describeType(values)}`;
  if (shape.type === 'object') return shape.$id ?? 'struct';
  return TYPE_NAMES[shape.type ?? ''] ?? shape.type ?? 'string';
};

/** The error for a value of the wrong type, in the words that clients of old servers know. */
export const mismatch =
  (shape: Shape, { root, path }: Place) =>
  (value: unknown): EngineError => {
    const type = describeType(shape);
    const where = path === '' ? 'Go value' : `Go struct field ${root ?? ''}.${path}`;
    const text = `json: cannot unmarshal ${nameOfValue(value)} into ${where} of type ${type}`;
    return new EngineError('invalid', 'body.type', text, { params: { path, type } });
  };

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
