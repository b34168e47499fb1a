import type { Type as Typebox } from 'typebox';

/**
 * The builders of schemas: typebox's types, and of its some 370 modules none at run time, which
 * would be a third of the daemon's start and of its memory. They make the same JSON Schema objects; which
 * members are optional is remembered in the same hidden property, so that both kinds may be mixed.
 */
export const Type = {
  String: (options: Options = {}) => ({ type: 'string', ...options }),
  Boolean: (options: Options = {}) => ({ type: 'boolean', ...options }),
  Integer: (options: Options = {}) => ({ type: 'integer', ...options }),
  Number: (options: Options = {}) => ({ type: 'number', ...options }),
  Null: (options: Options = {}) => ({ type: 'null', ...options }),
  Unknown: (options: Options = {}) => ({ ...options }),
  Literal: (value: unknown, options: Options = {}) => ({ type: typeof value, const: value, ...options }),
  Array: (items: Schema, options: Options = {}) => ({ type: 'array', items, ...options }),
  Record: (_key: Schema, value: Schema, options: Options = {}) => ({
    type: 'object',
    patternProperties: { '^.*$': value },
    ...options,
  }),
  Object: (properties: Readonly<Record<string, Schema>>, options: Options = {}) => {
    const required = Object.keys(properties).filter((name) => !isOptional(properties[name] ?? {}));
    return { type: 'object', ...(required.length > 0 && { required }), properties, ...options };
  },
  Union: (anyOf: readonly Schema[], options: Options = {}) => ({ anyOf, ...options }),
  Intersect: (allOf: readonly Schema[], options: Options = {}) => ({ allOf, ...options }),
  Ref: ($ref: string, options: Options = {}) => ({ $ref, ...options }),
  Unsafe: (schema: Schema) => ({ ...schema }),
  With: (schema: Schema, options: Options) => {
    const copy = { ...schema, ...options };
    return isOptional(schema) ? markOptional(copy) : copy;
  },
  Optional: (schema: Schema) => markOptional({ ...schema }),
} as unknown as Pick<typeof Typebox, Builders>;

type Schema = Readonly<Record<string, unknown>>;
type Options = Schema;
type Builders =
  | 'String'
  | 'Boolean'
  | 'Integer'
  | 'Number'
  | 'Null'
  | 'Unknown'
  | 'Literal'
  | 'Array'
  | 'Record'
  | 'Object'
  | 'Union'
  | 'Intersect'
  | 'Ref'
  | 'Unsafe'
  | 'With'
  | 'Optional';

/** As typebox names it. Hidden from JSON and from copies by spreading. */
const OPTIONAL = '~optional';

const isOptional = (schema: Schema): boolean => Object.hasOwn(schema, OPTIONAL);

const markOptional = (schema: Schema): Schema => Object.defineProperty(schema, OPTIONAL, { value: true });
