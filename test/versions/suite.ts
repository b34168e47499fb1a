import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDialect } from '#api/dialect/check.ts';
import { testExamples } from './examples.ts';
import type { AnyDialect } from './laboratory.ts';
import { testMonotony } from './monotony.ts';
import { testRequests } from './request-property.ts';
import { testShapes } from './shape-property.ts';

/** Everything that must hold for any dialect, whatever it says. */
export const testDialect = (spec: AnyDialect, numRuns = 20): void => {
  test(`${spec.name}: does not contradict itself`, () => assert.doesNotThrow(() => checkDialect(spec)));
  testExamples(spec);
  testShapes(spec, numRuns);
  testRequests(spec, numRuns);
  testMonotony(spec);
};
