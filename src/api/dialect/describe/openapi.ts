import type { TSchema } from 'typebox';
import { deriveShape } from './derive.ts';
import type { DialectSpec } from '#api/dialect/dialect.ts';
import { History, type Direction } from '#api/dialect/history.ts';
import type { Route } from '#api/dialect/route.ts';
import type { Shape } from '#api/dialect/schema.ts';
import { schemasOf } from '#api/dialect/schemas.ts';
import { RouteTable, type Entry } from '#api/dialect/table.ts';
import { formatVersion, type ApiVersion } from '#api/dialect/version.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI description of one version: what is documented there, not what later routes would also answer. */
export const describeOpenApi = <Context>(spec: DialectSpec<Context>, version: ApiVersion): Json => {
  const describe = new Description(spec, version);
  const entries = new RouteTable(spec).entries.filter(
    ({ window: [from, end], route }) => from <= version && version < end && route.planned === undefined,
  );
  const paths: Record<string, Record<string, Json>> = {};
  for (const entry of entries) {
    (paths[entry.path] ??= {})[entry.method.toLowerCase()] = describe.operation(entry);
  }
  return {
    openapi: '3.1.0',
    info: { title: spec.name, version: formatVersion(version) },
    servers: [{ url: spec.prefix === undefined ? '/' : `/v${formatVersion(version)}` }],
    paths,
    components: { schemas: describe.components },
  };
};

class Description {
  readonly components: Record<string, Shape> = {};
  readonly #history: History;
  readonly #version: ApiVersion;

  constructor(spec: DialectSpec<never>, version: ApiVersion) {
    this.#history = new History(spec.changes, schemasOf(spec));
    this.#version = version;
  }

  operation<Context>({ route, path }: Entry<Context>): Json {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    return {
      operationId: route.id,
      summary: route.summary,
      parameters: [
        ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
        ...this.#parameters(route.query, 'query'),
        ...this.#parameters(route.headers, 'header'),
      ],
      ...(route.body && {
        requestBody: { required: !('~optional' in route.body), content: this.#content(route.body, 'up') },
      }),
      responses: this.#responses(route),
    };
  }

  #parameters(schema: TSchema | undefined, place: 'query' | 'header'): Json[] {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = this.#derive(schema, 'up');
    return Object.entries(properties).map(([name, member]) => ({
      name,
      in: place,
      required: required.includes(name) && member.default === undefined && member.type === 'integer',
      schema: member,
    }));
  }

  #responses<Context>({ replies }: Route<Context>): Json {
    const known = Object.entries(replies).map(([status, schema]): [string, Json] => [
      status,
      { description: '', ...(schema !== null && { content: this.#content(schema, 'down') }) },
    ]);
    return { ...Object.fromEntries(known), default: { description: 'An error' } };
  }

  #content(schema: TSchema, direction: Direction): Json {
    return {
      'application/json': { schema: this.#named(schema, direction) ?? this.#derive(schema, direction) },
    };
  }

  #derive(schema: TSchema, direction: Direction): Shape {
    const nested = (shape: Shape): Shape | undefined => this.#named(shape, direction);
    return deriveShape(this.#history, schema, { version: this.#version, direction, nested });
  }

  /** Schemas with an `$id` are described once, apart for requests where those differ. */
  #named(schema: TSchema, direction: Direction): Shape | undefined {
    const { $id } = this.#history.resolve(schema);
    if ($id === undefined) return undefined;
    const name = direction === 'up' ? `${$id}.request` : $id;
    if (this.components[name] === undefined) {
      this.components[name] = {};
      this.components[name] = this.#derive(schema, direction);
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}
