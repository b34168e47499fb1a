import { Check, Errors } from 'typebox/schema';
import { deriveShape } from '#api/dialect/describe/derive.ts';
import type { DialectSpec } from '#api/dialect/dialect.ts';
import { History, type Direction } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import { schemasOf } from '#api/dialect/schemas.ts';
import { allVersions, knownVersion, type ApiVersion } from '#api/dialect/version.ts';

/** Any dialect: what it needs from its context is of no interest here. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyDialect = DialectSpec<any>;

export const historyOf = (spec: AnyDialect): History => new History(spec.changes, schemasOf(spec));

export const versionsOf = ({ versions }: AnyDialect): readonly ApiVersion[] =>
  versions.all?.map(knownVersion) ?? allVersions(versions.oldest, versions.newest);

/** Complaints about a value under the schema of one version; undeclared members are complaints too. */
export const complaintsOf = (
  history: History,
  schema: Shape,
  at: { version: ApiVersion; direction: Direction },
): ((value: unknown) => string[]) => {
  const strict = closed(deriveShape(history, schema, at));
  return (value) => {
    if (Check(strict, value)) return [];
    return Errors(strict, value)[1].map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
};

/** The same schema without room for members it does not name. */
export const closed = (shape: Shape): Shape => {
  const within = (members: Readonly<Record<string, Shape>>): Record<string, Shape> =>
    Object.fromEntries(Object.entries(members).map(([name, member]) => [name, closed(member)]));
  return {
    ...shape,
    ...(shape.properties && { properties: within(shape.properties), additionalProperties: false }),
    ...(shape.patternProperties && { patternProperties: within(shape.patternProperties) }),
    ...(shape.items && { items: closed(shape.items) }),
    ...(shape.anyOf && { anyOf: shape.anyOf.map(closed) }),
  };
};
