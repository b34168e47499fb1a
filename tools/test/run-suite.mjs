// Runs one suite and counts what happened.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { COUNTS_MARK, RESULTS_VARIABLE } from './reporter.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {import('./suites.mjs').Suite} Suite */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPORTER = new URL('reporter.mjs', import.meta.url).href;

/**
 * @param {Suite} suite
 * @param {{ filter: string[], verbose: boolean }} options
 * @returns {Promise<Counts>}
 */
export async function runSuite(suite, options) {
  if (suite.commands) return runCommands(suite, suite.commands);
  return runFiles(suite, findFiles(suite, options.filter), options.verbose);
}

/**
 * @param {Suite} suite
 * @param {string[]} filter parts of paths; none means all
 */
export function findFiles(suite, filter) {
  const files = globSync(suite.files ?? [], { cwd: ROOT }).sort();
  return filter.length === 0 ? files : files.filter((file) => filter.some((part) => file.includes(part)));
}

/**
 * @param {Suite} suite
 * @param {string[][]} commands
 */
async function runCommands(suite, commands) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [program = '', ...args] of commands) {
    const { code, output } = await run(program, args, {
      limitMs: suite.testLimitMs,
      isShown: false,
      more: {},
    });
    if (code === 0) counts.passed += 1;
    else {
      counts.failed += 1;
      process.stdout.write(`FAILED ${[program, ...args].join(' ')}\n${output}\n`);
    }
  }
  return counts;
}

/**
 * @param {Suite} suite
 * @param {string[]} files
 * @param {boolean} isVerbose
 */
async function runFiles(suite, files, isVerbose) {
  const args = [
    '--test',
    `--test-isolation=${suite.isolated ? 'process' : 'none'}`,
    `--test-timeout=${suite.testLimitMs}`,
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
  ];
  // A child that is forced to exit loses what it has not told yet; all in one process tells it before.
  if (suite.isolated) args.push(`--test-concurrency=${suite.atOnce ?? 1}`);
  else args.push('--test-force-exit');
  if (isVerbose) args.push('--test-reporter=spec', '--test-reporter-destination=stderr');
  const more = suite.results === undefined ? {} : { [RESULTS_VARIABLE]: join(ROOT, suite.results) };
  const { code, output } = await run(process.execPath, [...args, ...files], {
    limitMs: suite.limitMs,
    isShown: true,
    more,
  });
  const counts = readCounts(output);
  if (!counts) return { passed: 0, failed: 1, skipped: 0 };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * @param {string} output
 * @returns {Counts | undefined}
 */
function readCounts(output) {
  const at = output.lastIndexOf(COUNTS_MARK);
  if (at < 0) return undefined;
  return JSON.parse(output.slice(at + COUNTS_MARK.length).split('\n')[0] ?? '');
}

/**
 * A group of its own, so that the limit ends the grandchildren too.
 * @param {string} program
 * @param {string[]} args
 * @param {{ limitMs: number, isShown: boolean, more: Record<string, string> }} options `more` is for its environment
 * @returns {Promise<{ code: number, output: string }>}
 */
function run(program, args, { limitMs, isShown, more }) {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...childEnvironment(), ...more },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (isShown) process.stdout.write(hideCounts(text));
    });
  }
  const stop = () => killGroup(child.pid);
  const limit = setTimeout(() => {
    process.stdout.write(`\nFAILED ${program}: not done after ${limitMs / 1000} s, ended\n`);
    stop();
  }, limitMs);
  process.once('exit', stop);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => {
      clearTimeout(limit);
      process.off('exit', stop);
      resolve({ code: code ?? 1, output });
    });
  });
}

/**
 * Programs of node_modules first, the pinned Node among them; the outside tools of set-up last. And no word that we
 * run below another test runner.
 */
function childEnvironment() {
  const { NODE_TEST_CONTEXT: _, PATH: given = '', ...rest } = process.env;
  const folders = [join(ROOT, 'node_modules/.bin'), ...given.split(':'), join(ROOT, '.cache/tools')];
  return { ...rest, PATH: folders.join(':') };
}

/** @param {string} text */
function hideCounts(text) {
  return text.replace(new RegExp(`\\n?${COUNTS_MARK}.*\\n`), '');
}

/** @param {number | undefined} pid */
function killGroup(pid) {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // it ended by itself meanwhile
  }
}
