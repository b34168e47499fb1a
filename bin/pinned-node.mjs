// Finds the Node 24 that npm installed beside us, and hands the process over to it.
// Plain JavaScript for old Nodes: it must run where the TypeScript of src/ cannot.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

export const NEEDED_MAJOR = 24;

/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'];

/** True when the running Node can run src/ as it is. */
export function isNodeNewEnough() {
  return Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR;
}

/** The Node to run src/ with: the pinned one if it is installed, else this one if it is new enough. */
export function findNode() {
  return findPinnedNode() ?? (isNodeNewEnough() ? process.execPath : undefined);
}

/** @returns {string | undefined} */
export function findPinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`);
    const binary = join(dirname(manifest), 'bin/node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined; // not installed: the caller decides what that means
  }
}

/**
 * Becomes `node args…`. Where the process cannot be replaced (Node before 23.11) a child runs in our
 * place: it gets our signals, and its end is our end.
 * @param {string} node
 * @param {string[]} args
 */
export function handOver(node, args) {
  if (typeof process.execve === 'function') process.execve(node, [node, ...args], process.env);
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => isOurs(signal) && child.kill(signal));
  child.on('error', (error) => {
    console.error(`gantry: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + signalNumber(signal)));
}

/**
 * A terminal sends the signals of its keys to the child as well: passed on they would come twice.
 * @param {NodeJS.Signals} signal
 */
function isOurs(signal) {
  return !process.stdin.isTTY || !['SIGINT', 'SIGQUIT', 'SIGWINCH'].includes(signal);
}

/** @param {NodeJS.Signals | null} signal */
function signalNumber(signal) {
  return signal ? constants.signals[signal] : 0;
}
