// Loaded before the test files, into their process: writes down what has ended, so that it counts whatever becomes of
// the suite, and ends a process in which nothing begins or ends for too long.
import { appendFileSync } from 'node:fs';
import { afterEach, beforeEach } from 'node:test';
import process from 'node:process';
import { watchLimit } from './fair-clock.mjs';

/** Names a JSON object: the file to write to, and the limit. */
export const WATCH_VARIABLE = 'GANTRY_TEST_WATCH';

/** It has this long to tell which tests were open. */
const LAST_WORDS_MS = 20_000;

const given = process.env[WATCH_VARIABLE];
// What the tests start runs no tests.
delete process.env[WATCH_VARIABLE];
if (given !== undefined) watch(JSON.parse(given));

/** @param {{ progressFile: string, limitMs: number }} options */
function watch({ progressFile, limitMs }) {
  /** @type {Set<string>} */
  const open = new Set();
  const limit = watchLimit(limitMs, () => endProcess(limitMs, open));
  limit.unref();
  beforeEach((context) => {
    limit.again();
    open.add(context.name);
  });
  afterEach((context) => {
    limit.again();
    open.delete(context.name);
    const passed = 'passed' in context && context.passed;
    appendFileSync(progressFile, `${passed ? 'passed' : 'failed'} ${context.name.replaceAll('\n', ' ')}\n`);
  });
}

/**
 * @param {number} limitMs
 * @param {Set<string>} open
 */
function endProcess(limitMs, open) {
  const which = open.size === 0 ? 'nothing began' : `open: ${[...open].join('; ')}`;
  process.stderr.write(`ended: ${limitMs / 1000} s of a free machine without a sign of life (${which})\n`);
  // The runner takes this for the end of the file and says what was cancelled.
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_WORDS_MS);
}
