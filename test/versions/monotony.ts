import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveShape } from '#api/dialect/describe/derive.ts';
import { innerShapes, nestedShapes, type History } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import { replySchemas, requestSchemas } from '#api/dialect/schemas.ts';
import { formatVersion, type ApiVersion } from '#api/dialect/version.ts';
import { historyOf, versionsOf, type AnyDialect } from './laboratory.ts';

/** A member that disappears between two neighbours has an `until` or a change that says so. */
export const testMonotony = (spec: AnyDialect): void => {
  const history = historyOf(spec);
  test(`${spec.name}: nothing disappears without a word`, () => {
    for (const route of spec.routes) {
      for (const schema of replySchemas(route)) checkSchema(spec, history, schema, 'down');
      for (const schema of requestSchemas(route)) checkSchema(spec, history, schema, 'up');
    }
  });
};

const checkSchema = (spec: AnyDialect, history: History, schema: Shape, direction: 'down' | 'up'): void => {
  const versions = versionsOf(spec);
  versions.slice(1).forEach((version, index) => {
    const before = versions[index] ?? version;
    if (isExplained(spec, history, schema, version)) return;
    const gone = membersOf(deriveShape(history, schema, { version: before, direction })).difference(
      membersOf(deriveShape(history, schema, { version, direction })),
    );
    assert.deepEqual([...gone], [], `gone in ${formatVersion(version)}`);
  });
};

/** Whether a change or a lifetime of this schema or one inside it ends at a version. */
const isExplained = (spec: AnyDialect, history: History, schema: Shape, version: ApiVersion): boolean => {
  const shapes = [...nestedShapes(schema)].map((shape) => history.resolve(shape));
  const ids = new Set(shapes.flatMap(({ $id }) => $id ?? []));
  return (
    spec.changes.some(
      (change) => 'on' in change && ids.has(change.on) && change.in === formatVersion(version),
    ) || shapes.some((shape) => innerShapes(shape).some((member) => endsAt(member, version)))
  );
};

const endsAt = (member: Shape, version: ApiVersion): boolean =>
  (member['x-alive'] ?? []).some(([, end]) => end === version) ||
  (member['x-refuse']?.windows ?? []).some(([from]) => from === version);

const membersOf = (shape: Shape, path = ''): Set<string> => {
  const own = Object.entries(shape.properties ?? {}).map(
    ([name, member]) => [`${path}.${name}`, member] as const,
  );
  const inner = innerShapes(shape).filter(() => shape.properties === undefined);
  return new Set([
    ...own.map(([name]) => name),
    ...own.flatMap(([name, member]) => [...membersOf(member, name)]),
    ...inner.flatMap((member) => [...membersOf(member, `${path}[]`)]),
  ]);
};
