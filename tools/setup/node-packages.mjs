// Installs the npm packages of the lockfile, and remembers which lockfile that was.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** @typedef {'runtime' | 'development'} Extent */

/**
 * @param {string} folder holds package.json and package-lock.json
 * @param {Extent} extent
 */
export function areNodePackagesInstalled(folder, extent) {
  const done = readStamp(folder);
  return done.lock === hashOfLock(folder) && (done.extent === 'development' || done.extent === extent);
}

/**
 * No install script runs: none of our packages needs one. Not `npm ci`: it refuses a lockfile without the
 * packages of platforms that the registry at hand did not hold, and none of those are for Linux.
 * @param {string} folder
 * @param {Extent} extent
 */
export function installNodePackages(folder, extent) {
  const wider = hasMore(folder) ? 'development' : extent;
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (wider === 'runtime') flags.push('--omit=dev');
  npm(folder, ['install', ...flags]);
  writeStamp(folder, wider);
}

/**
 * What somebody installed for development is not taken away for running.
 * @param {string} folder
 */
function hasMore(folder) {
  const isInstalled = existsSync(join(folder, 'node_modules/.package-lock.json'));
  return isInstalled && readStamp(folder).extent !== 'runtime';
}

/**
 * The npm that runs us if there is one. It must not believe that it runs inside our own script.
 * @param {string} folder
 * @param {string[]} args
 */
function npm(folder, args) {
  const script = process.env['npm_execpath'];
  const command = script ? [process.execPath, script] : ['npm'];
  const env = Object.entries(process.env).filter(
    ([key]) => !/^npm_(config_local_prefix|package_|lifecycle_)/.test(key),
  );
  execFileSync(/** @type {string} */ (command[0]), [...command.slice(1), ...args], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: Object.fromEntries(env),
  });
}

/** @param {string} folder */
function stampFile(folder) {
  return join(folder, 'node_modules/.cache/gantry-setup.json');
}

/** @param {string} folder */
function readStamp(folder) {
  try {
    return JSON.parse(readFileSync(stampFile(folder), 'utf8'));
  } catch {
    return {}; // no stamp, or half of one: install again
  }
}

/**
 * @param {string} folder
 * @param {Extent} extent
 */
function writeStamp(folder, extent) {
  mkdirSync(dirname(stampFile(folder)), { recursive: true });
  writeFileSync(stampFile(folder), JSON.stringify({ lock: hashOfLock(folder), extent }));
}

/** @param {string} folder */
function hashOfLock(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package.json')))
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
}
