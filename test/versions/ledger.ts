import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nestedShapes } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import { schemasOf } from '#api/dialect/schemas.ts';
import { knownVersion, type ApiVersion } from '#api/dialect/version.ts';
import type { AnyDialect } from './laboratory.ts';

/** One line of a published changelog, and what in the dialect answers for it. */
export type LedgerEntry = {
  readonly in: string;
  readonly line: string;
} & (
  | { readonly notOurs: string }
  | {
      /** `change:id`, `route:id`, or `SchemaId.Member`. */
      readonly by: readonly [string, ...string[]];
    }
);

/** Every line is answered for by something that exists and turns at that version. */
export const testLedger = (spec: AnyDialect, entries: readonly LedgerEntry[]): void => {
  const turns = turningPoints(spec);
  for (const entry of entries) {
    if ('notOurs' in entry) continue;
    test(`${spec.name} ${entry.in}: ${entry.line}`, () => {
      for (const name of entry.by) {
        const versions = turns.get(name);
        assert.ok(versions, `${name} does not exist`);
        assert.ok(versions.has(knownVersion(entry.in)), `${name} does not turn in ${entry.in}`);
      }
    });
  }
};

/** By name, the versions in which something appears, disappears or changes. */
export const turningPoints = (spec: AnyDialect): ReadonlyMap<string, ReadonlySet<ApiVersion>> => {
  const turns = new Map<string, Set<ApiVersion>>();
  const note = (name: string, versions: readonly ApiVersion[]): void => {
    turns.set(name, (turns.get(name) ?? new Set()).union(new Set(versions)));
  };
  for (const { id, since, until } of spec.routes) {
    note(
      `route:${id}`,
      [since, until].flatMap((text) => (text === undefined ? [] : [knownVersion(text)])),
    );
  }
  for (const change of spec.changes) note(`change:${change.id}`, [knownVersion(change.in)]);
  for (const schema of schemasOf(spec).flatMap((each) => [...nestedShapes(each)])) {
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      note(`${schema.$id ?? ''}.${name}`, boundariesOf(member));
    }
  }
  return turns;
};

const boundariesOf = (member: Shape): ApiVersion[] =>
  [...(member['x-alive'] ?? []), ...(member['x-refuse']?.windows ?? []), ...(member['x-lenient'] ?? [])]
    .flat()
    .filter(Number.isFinite);
