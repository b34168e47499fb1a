import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DownCompiler } from '#api/dialect/reply/down.ts';
import type { History } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import { replySchemas } from '#api/dialect/schemas.ts';
import { formatVersion } from '#api/dialect/version.ts';
import { asWire, valuesOf } from './generate.ts';
import { complaintsOf, historyOf, versionsOf, type AnyDialect } from './laboratory.ts';

/** Any value a handler may answer, taken down to any version, is valid there. */
export const testShapes = (spec: AnyDialect, numRuns: number): void => {
  const history = historyOf(spec);
  for (const route of spec.routes) {
    for (const schema of replySchemas(route)) {
      test(`${spec.name} ${route.id}: replies are valid in every version`, () => {
        checkSchema(spec, history, schema, numRuns);
      });
    }
  }
};

const checkSchema = (spec: AnyDialect, history: History, schema: Shape, numRuns: number): void => {
  const versions = versionsOf(spec).map((version) => ({
    name: formatVersion(version),
    step: new DownCompiler(history, version).compile(schema),
    complaints: complaintsOf(history, schema, { version, direction: 'down' }),
  }));
  const property = fc.property(valuesOf(history, schema), (value) => {
    const before = structuredClone(value);
    for (const { name, step, complaints } of versions) {
      const results = step === undefined ? [value] : step.many ? step.run(value) : [step.run(value)];
      assert.deepEqual(
        results.flatMap((result) => complaints(asWire(result))),
        [],
        `at ${name}`,
      );
    }
    assert.deepEqual(value, before, 'a handler’s value was written to');
  });
  fc.assert(property, { numRuns });
};
