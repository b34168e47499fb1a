// Makes a machine ready: npm packages, Debian packages, outside tools for the tests. Does only what is missing.
// Runs on Node 20 with nothing installed.   node tools/setup.mjs [--tests]
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  findMissing,
  installDebianPackages,
  RUNTIME_PACKAGES,
  TEST_PACKAGES,
} from './setup/debian-packages.mjs';
import { areNodePackagesInstalled, installNodePackages } from './setup/node-packages.mjs';
import { fetchTools, findMissingTools } from './setup/outside-tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = join(ROOT, '.cache/tools');
const LOCK = join(ROOT, '.cache/setup.pid');

/**
 * `code` is what checks and unit tests need, `runtime` what the daemon needs, `tests` everything.
 * @param {'code' | 'runtime' | 'tests'} extent
 */
export function setUp(extent) {
  const steps = missingSteps(extent);
  if (steps.length === 0) return;
  takeTurn();
  try {
    for (const step of missingSteps(extent)) {
      console.error(`setup: ${step.says}`);
      step.run();
    }
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** @param {'code' | 'runtime' | 'tests'} extent */
function missingSteps(extent) {
  const steps = [];
  const packages = extent === 'runtime' ? 'runtime' : 'development';
  if (!areNodePackagesInstalled(ROOT, packages)) {
    steps.push({ says: 'npm packages', run: () => installNodePackages(ROOT, packages) });
  }
  const debian = missingDebian(extent);
  if (debian.length > 0) {
    const names = debian.map(({ name }) => name).join(' ');
    steps.push({ says: `Debian packages ${names}`, run: () => installDebianPackages(debian) });
  }
  if (extent === 'tests') steps.push(...missingForClients());
  return steps;
}

/** @param {'code' | 'runtime' | 'tests'} extent */
function missingDebian(extent) {
  if (extent === 'code') return [];
  return findMissing(extent === 'tests' ? [...RUNTIME_PACKAGES, ...TEST_PACKAGES] : RUNTIME_PACKAGES);
}

function missingForClients() {
  const steps = [];
  const clients = join(ROOT, 'test/clients/node');
  if (!areNodePackagesInstalled(clients, 'runtime')) {
    steps.push({ says: 'npm packages of the clients', run: () => installNodePackages(clients, 'runtime') });
  }
  const tools = findMissingTools(TOOLS);
  if (tools.length > 0) {
    const names = tools.map(({ name }) => name).join(' ');
    steps.push({ says: `outside tools ${names}`, run: () => fetchTools(TOOLS, tools) });
  }
  return steps;
}

/** Two set-ups at once would pull node_modules from under each other. */
function takeTurn() {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const mine = `${LOCK}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    while (!canLink(mine, LOCK)) waitForHolder();
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * A link appears with its content or not at all.
 * @param {string} from
 * @param {string} to
 */
function canLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  }
}

function waitForHolder() {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
  } catch {
    rmSync(LOCK, { force: true }); // its holder is gone
    return;
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
}

/** Set-up failures are for people: the words, no stack. @param {() => void} work */
export function orExplain(work) {
  try {
    work();
  } catch (error) {
    console.error(`setup failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  orExplain(() => setUp(process.argv.includes('--tests') ? 'tests' : 'runtime'));
}
