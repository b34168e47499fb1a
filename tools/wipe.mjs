// Takes everything of one daemon off the machine: mounts, links, tables, cgroups, then its folders. Images and
// volumes go with them. Stop its containers and the daemon first; while any runs, this refuses.
//   npm run wipe -- [--data-root DIR] [--exec-root DIR]
import { execFileSync } from 'node:child_process';
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listThings } from './leaks/machine.mjs';
import { isServed, toTag } from './leaks/records.mjs';

/** @typedef {import('./leaks/machine.mjs').Thing} Thing */

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** @type {Record<Thing['kind'], (name: string) => void>} */
const REMOVERS = {
  process: (name) => {
    throw new Error(`a container of it still runs: ${name}`);
  },
  // Before the mount of the exec root, in which they are: a pod's may stand without a process.
  namespace: (name) => run('umount', '--lazy', name),
  mount: (name) => run('umount', '--lazy', name),
  link: (name) => {
    try {
      run('ip', 'link', 'delete', name);
    } catch (error) {
      // It went with the namespace that it led into.
      if (existsSync(`/sys/class/net/${name}`)) throw error;
    }
  },
  table: (name) => run('nft', 'delete', 'table', ...name.split(' ')),
  cgroup: (name) => rmdirSync(name),
  // They go with the data root.
  file: () => undefined,
};

/** Processes first, because they refuse; inner things before outer ones, because listed outer ones first. */
const ORDER = /** @type {Thing['kind'][]} */ (Object.keys(REMOVERS));

/**
 * @param {{ dataRoot: string, execRoot: string }} roots absolute
 * @returns {Thing[]} what it removed
 */
export function wipe({ dataRoot, execRoot }) {
  if (isServed(execRoot)) throw new Error(`a daemon still runs on ${execRoot}`);
  const things = listThings([dataRoot, execRoot])
    .filter((thing) => isOf(thing, dataRoot, execRoot))
    .reverse()
    .toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
  for (const { kind, name } of things) REMOVERS[kind](name);
  for (const root of [execRoot, dataRoot]) rmSync(root, { recursive: true, force: true });
  return things;
}

/**
 * @param {Thing} thing
 * @param {string} dataRoot
 * @param {string} execRoot
 */
function isOf({ tag, root }, dataRoot, execRoot) {
  if (tag !== undefined) return toTag(dataRoot).startsWith(tag);
  return root === dataRoot || root === execRoot;
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, ...args) {
  execFileSync(program, args, { stdio: 'pipe', env: { ...process.env, PATH } });
}

function main() {
  const { values } = parseArgs({
    options: {
      'data-root': { type: 'string', default: '/var/lib/gantry' },
      'exec-root': { type: 'string', default: '/run/gantry' },
    },
  });
  const dataRoot = resolve(values['data-root']);
  const execRoot = resolve(values['exec-root']);
  for (const { kind, name } of wipe({ dataRoot, execRoot })) console.log(`removed ${kind}  ${name}`);
  console.log(`removed ${execRoot} and ${dataRoot}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(`wipe: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
