// A node:test reporter that is quiet about what passes: one line per failure with its cause, then the counts
// as JSON on the last line, after COUNTS_MARK, for tools/test.mjs to add up.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { inspect } from 'node:util';

export const COUNTS_MARK = '::counts::';

/** Names a file for what became of each test, in the order of their ends: inner ones before what holds them. */
export const RESULTS_VARIABLE = 'GANTRY_TEST_RESULTS';

/** @typedef {import('node:test/reporters').TestEvent} TestEvent */
/** @typedef {{ file: string, nesting: number, name: string, isSuite: boolean, state: 'passed' | 'failed' | 'skipped' }} Result */

/** @param {AsyncIterable<TestEvent>} events */
export default async function* report(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  /** @type {Result[]} */
  const results = [];
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if (type === 'test:diagnostic' && isWarning(data)) yield `\n${data.message}\n`;
    if (type === 'test:fail' && isOwnFailure(data)) yield describeFailure(data);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    count(counts, type, data);
    results.push(toResult(type, data));
  }
  const file = process.env[RESULTS_VARIABLE];
  if (file !== undefined) writeFileSync(file, JSON.stringify(results));
  yield `\n${COUNTS_MARK}${JSON.stringify(counts)}\n`;
}

/**
 * A suite counts only when it fails by itself, a skipped or to-do test as skipped.
 * @param {{ passed: number, failed: number, skipped: number }} counts
 * @param {'test:pass' | 'test:fail'} type
 * @param {any} data
 */
function count(counts, type, data) {
  if (data.skip !== undefined || data.todo !== undefined) counts.skipped += 1;
  else if (type === 'test:fail') counts.failed += isOwnFailure(data) ? 1 : 0;
  else if (data.details.type !== 'suite') counts.passed += 1;
}

/**
 * @param {'test:pass' | 'test:fail'} type
 * @param {any} data
 * @returns {Result}
 */
function toResult(type, { file, nesting, name, skip, todo, details }) {
  const isSkipped = skip !== undefined || todo !== undefined;
  const state = isSkipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
  return { file: file ?? '', nesting, name, isSuite: details.type === 'suite', state };
}

/** What the runner says about errors that came after the test they belong to. @param {any} data */
function isWarning({ level, message }) {
  return (level !== undefined && level !== 'info') || message.startsWith('Error');
}

/** Not the echo of a failed child. @param {any} data */
function isOwnFailure(data) {
  return data.details.error.failureType !== 'subtestsFailed';
}

/** @param {any} data */
function describeFailure({ name, file, line, details }) {
  const { error } = details;
  const cause = error.failureType === 'testCodeFailure' ? (error.cause ?? error) : error;
  const text = typeof cause === 'string' ? cause : (cause?.stack ?? inspect(cause));
  return `\nFAILED ${name}\n  ${file ?? ''}:${line ?? ''}\n${indent(text)}\n`;
}

/** @param {string} text */
function indent(text) {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
