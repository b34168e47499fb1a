import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEngineError } from '#domain/error/engine-error.ts';
import { DecodeCompiler } from '#api/dialect/request/decode.ts';
import { deriveShape } from '#api/dialect/describe/derive.ts';
import type { History } from '#api/dialect/history.ts';
import { compileBodyText } from '#api/dialect/route-at.ts';
import type { Shape } from '#api/dialect/schema.ts';
import { formatVersion, type ApiVersion } from '#api/dialect/version.ts';
import { valuesOf } from './generate.ts';
import { historyOf, versionsOf, type AnyDialect } from './laboratory.ts';

/** Any body valid in a version becomes a valid body of today; what that version did not know has no effect. */
export const testRequests = (spec: AnyDialect, numRuns: number): void => {
  const history = historyOf(spec);
  for (const route of spec.routes) {
    if (route.body === undefined) continue;
    const body: Shape = route.body;
    test(`${spec.name} ${route.id}: bodies of every version are understood`, () => {
      for (const version of versionsOf(spec)) checkUnderstood(history, body, version, numRuns);
    });
    // Lists have no members of their own.
    if (history.resolve(body).type === 'array') continue;
    test(`${spec.name} ${route.id}: members unknown to a version are ignored or refused`, () => {
      for (const version of versionsOf(spec)) checkIgnored(history, body, version, numRuns);
    });
  }
};

const checkUnderstood = (history: History, body: Shape, version: ApiVersion, numRuns: number): void => {
  const decode = compileBodyText(history, body, version);
  const checkHead = new DecodeCompiler(history, 'head').compile(body);
  const wire = wireShape(history, body, version);
  const property = fc.property(valuesOf(history, wire), (value) => {
    const decoded = outcomeOf(() => decode(textOf(value)));
    if (decoded === 'refused') return;
    assert.deepEqual(checkHead(structuredClone(decoded)), decoded, `at ${formatVersion(version)}`);
  });
  fc.assert(property, { numRuns });
};

const checkIgnored = (history: History, body: Shape, version: ApiVersion, numRuns: number): void => {
  const decode = compileBodyText(history, body, version);
  const wire = wireShape(history, body, version);
  const unknown = Object.entries(body.properties ?? {}).filter(
    ([name, member]) => !(name in (wire.properties ?? {})) && !isRefusing(history, member),
  );
  const additions = fc.record(
    Object.fromEntries(unknown.map(([name, member]) => [name, valuesOf(history, member)])),
    { requiredKeys: [], noNullPrototype: true },
  );
  const property = fc.property(valuesOf(history, wire), additions, (value, added) => {
    const plain = outcomeOf(() => decode(textOf(value)));
    const extended = outcomeOf(() => decode(textOf({ ...added, ...Object(value) })));
    assert.deepEqual(extended, plain, `at ${formatVersion(version)}`);
  });
  fc.assert(property, { numRuns });
};

/** The schema of one version with the forms of its values still known, so that values can be made. */
const wireShape = (history: History, body: Shape, version: ApiVersion): Shape =>
  deriveShape(history, body, { version, direction: 'up', keepForms: true });

const isRefusing = (history: History, member: Shape): boolean =>
  history.resolve(member)['x-refuse'] !== undefined;

const outcomeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    if (isEngineError(error, 'invalid') && error.code === 'refused') return 'refused';
    throw error;
  }
};

const textOf = (value: unknown): string => {
  const text = JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'bigint' ? `#bigint ${each}#` : each,
  );
  return text.replaceAll(/"#bigint (-?\d+)#"/g, '$1');
};
