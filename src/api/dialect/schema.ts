import type { TObjectOptions, TSchema, TSchemaOptions, TUnsafe } from 'typebox';
import type { Window } from './lifetime.ts';
import { Type } from './type.ts';

/**
 * A schema as data. Typebox schemas are plain JSON Schema objects; the kit reads them through this
 * view and never through typebox's own kinds, so that derived schemas are ordinary values.
 */
export type Shape = {
  readonly $id?: string;
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly default?: unknown;
  readonly 'x-alive'?: readonly Window[];
  readonly 'x-refuse'?: { readonly windows: readonly Window[]; readonly text: string };
  readonly 'x-lenient'?: readonly Window[];
  readonly 'x-internal'?: boolean;
  readonly 'x-json'?: boolean;
  readonly 'x-form'?: 'string-or-list' | 'numeric-text' | 'int64' | 'filters';
  readonly 'x-type'?: string;
  readonly 'x-amends'?: readonly string[];
};

type Options = TSchemaOptions;

/** A list of strings that may also be sent as one string; decoded to a list. */
export const StringOrList = (options: Options = {}): TUnsafe<string[]> =>
  Type.Unsafe<string[]>({ type: 'array', items: { type: 'string' }, 'x-form': 'string-or-list', ...options });

/** A number that may also be sent as text. */
export const NumericText = (options: Options = {}): TUnsafe<number> =>
  Type.Unsafe<number>({ type: 'number', 'x-form': 'numeric-text', ...options });

/** A 64-bit integer, exact at any size: always a `bigint` on our side, digits on the wire. */
export const Int64 = (options: Options = {}): TUnsafe<bigint> =>
  Type.Unsafe<bigint>({ type: 'integer', format: 'int64', 'x-form': 'int64', 'x-type': 'int64', ...options });

/** Filter values by name. */
export type FilterMap = Readonly<Record<string, readonly string[]>>;

/** A query parameter `{"k":["v"]}` or `{"k":{"v":true}}`; empty text is an empty map. */
export const Filters = (options: Options = {}): TUnsafe<FilterMap> =>
  Type.Unsafe<FilterMap>({
    type: 'object',
    patternProperties: { '^.*$': { type: 'array', items: { type: 'string' } } },
    'x-form': 'filters',
    ...options,
  });

/** Or null. In bodies only such members keep a null; elsewhere null means absent. */
export const Nullable = <Schema extends TSchema>(schema: Schema, options: Options = {}) =>
  Type.Union([schema, Type.Null()], options);

/** Option: a query parameter or header whose text is JSON. */
export const json = { 'x-json': true } as const;

/**
 * Option: a member that is on no wire. `up` writes it for handlers, presenters write it for `down`.
 */
export const internal = { 'x-internal': true } as const;

/** Option: how decoding errors name this type (`int64`); default by kind. */
export const typeName = (name: string) => ({ 'x-type': name }) as const;

/**
 * The same object schema, `$id` and options kept, with members replaced or added. It remembers which,
 * so that as `older` of a change it touches those members only, whatever other changes did before.
 */
export const amend = <
  Members extends Record<string, TSchema>,
  Base extends { properties: Record<string, TSchema> },
>(
  base: Base,
  members: Members,
) =>
  Type.Object<Omit<Base['properties'], keyof Members> & Members>(
    { ...base.properties, ...members },
    { ...optionsOf(base), 'x-amends': Object.keys(members) },
  );

const optionsOf = (schema: Shape): TObjectOptions => {
  const { type: _type, properties: _properties, required: _required, ...options } = schema;
  return options;
};
