// Runs one suite and counts what happened.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { watchLimit } from './fair-clock.mjs';
import { COUNTS_MARK, RESULTS_VARIABLE } from './reporter.mjs';
import { WATCH_VARIABLE } from './watch-tests.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {import('./suites.mjs').Suite} Suite */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPORTER = new URL('reporter.mjs', import.meta.url).href;
const WATCHER = new URL('watch-tests.mjs', import.meta.url).href;

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
 * What a suite told before it was ended counts, and its end is one failure.
 * @param {Suite} suite
 * @param {string[]} files
 * @param {boolean} isVerbose
 * @returns {Promise<Counts>}
 */
async function runFiles(suite, files, isVerbose) {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-suite-'));
  const progressFile = join(folder, 'progress');
  try {
    const { code, output } = await run(process.execPath, [...runnerArgs(suite, isVerbose), ...files], {
      limitMs: suite.limitMs,
      isShown: true,
      more: {
        [WATCH_VARIABLE]: JSON.stringify({ progressFile, limitMs: suite.testLimitMs }),
        ...(suite.results === undefined ? {} : { [RESULTS_VARIABLE]: join(ROOT, suite.results) }),
      },
    });
    const counts = readCounts(output);
    if (!counts) return countProgress(progressFile);
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Suite} suite
 * @param {boolean} isVerbose
 */
function runnerArgs(suite, isVerbose) {
  // Limits of the runner's own would be of the clock on the wall.
  const args = [
    '--test',
    `--import=${WATCHER}`,
    `--test-isolation=${suite.isolated ? 'process' : 'none'}`,
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
  ];
  // A child that is forced to exit loses what it has not told yet; all in one process tells it before.
  if (suite.isolated) args.push(`--test-concurrency=${suite.atOnce ?? 1}`);
  else args.push('--test-force-exit');
  if (isVerbose) args.push('--test-reporter=spec', '--test-reporter-destination=stderr');
  return args;
}

/**
 * @param {string} file
 * @returns {Counts} with one failure more, for the end of the suite
 */
function countProgress(file) {
  let lines = '';
  try {
    lines = readFileSync(file, 'utf8');
  } catch {
    // It was ended before its first test.
  }
  const countOf = (/** @type {RegExp} */ word) => lines.match(word)?.length ?? 0;
  return { passed: countOf(/^passed /gm), failed: countOf(/^failed /gm) + 1, skipped: 0 };
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
  const limit = watchLimit(limitMs, () => {
    process.stdout.write(
      `\nFAILED ${program}: not done after ${limitMs / 1000} s of a free machine, ended\n`,
    );
    stop();
  });
  process.once('exit', stop);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      limit.stop();
      resolve({ code: 1, output: error.message });
    });
    child.on('close', (code) => {
      limit.stop();
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
