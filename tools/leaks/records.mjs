// What the daemons of this machine have on record: the only things that may be there.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { listMonitors, readMounts, readProcesses } from './machine.mjs';

const DEFAULT_DATA_ROOT = '/var/lib/gantry';
const DEFAULT_EXEC_ROOT = '/run/gantry';

/**
 * One data root with its records.
 * @typedef {object} Claim
 * @property {string} dataRoot
 * @property {string[]} execRoots
 * @property {string} tag
 * @property {boolean} isServed by a daemon
 * @property {boolean} isAlive a daemon serves it, or something of it lives: only then may a daemon's own things be there
 * @property {Set<string>} containers ids of containers, and of the sandboxes they use, that may be on the machine
 * @property {Set<string>} endpoints
 * @property {Set<string>} known ids of all containers and pods, which may have files
 * @property {Set<string>} volumes
 */

/**
 * @typedef {object} Roots
 * @property {string[]} dataRoots
 * @property {string[]} execRoots
 */

/**
 * The places asked for, the default ones, those of the daemons that run, and those that mounts and monitors point to.
 * @param {Roots} asked
 * @returns {Roots}
 */
export function findRoots(asked) {
  const daemons = readProcesses()
    .map(({ args }) => args)
    .filter(isDaemon);
  const execRoots = unique([
    DEFAULT_EXEC_ROOT,
    ...asked.execRoots,
    ...daemons.map((args) => valueOf(args, '--exec-root') ?? DEFAULT_EXEC_ROOT),
    ...readMounts()
      .map(({ path }) => path)
      .filter(readMark),
    ...listMonitors().flatMap(({ root }) => (root && readMark(root) ? [root] : [])),
  ]);
  const dataRoots = unique([
    DEFAULT_DATA_ROOT,
    ...asked.dataRoots,
    ...daemons.map((args) => valueOf(args, '--data-root') ?? DEFAULT_DATA_ROOT),
    ...execRoots.flatMap((root) => readMark(root)?.dataRoot ?? []),
  ]);
  return { dataRoots, execRoots };
}

/**
 * @param {Roots} roots
 * @returns {Claim[]} of the data roots that hold records
 */
export function readClaims({ dataRoots, execRoots }) {
  return dataRoots
    .filter((dataRoot) => existsSync(join(dataRoot, 'gantry.db')))
    .map((dataRoot) => {
      const own = execRoots.filter((root) => readMark(root)?.dataRoot === dataRoot);
      const served = own.some(isServed);
      return {
        dataRoot,
        execRoots: own,
        tag: toTag(dataRoot),
        isServed: served,
        ...readRecords(dataRoot, own),
      };
    });
}

/** @param {string} dataRoot */
export function toTag(dataRoot) {
  return createHash('sha256').update(dataRoot).digest('hex').slice(0, 8);
}

/**
 * Where a daemon is at work, things may be on their way in or out; where none is, a container is there if its monitor is.
 * @param {string} dataRoot
 * @param {string[]} execRoots
 */
function readRecords(dataRoot, execRoots) {
  const isBusy = execRoots.some(isServed);
  const monitored = new Set(
    listMonitors().flatMap(({ root, container }) => (execRoots.includes(root ?? '') ? [container] : [])),
  );
  const live = new Set(['running', 'paused', 'restarting', ...(isBusy ? ['creating', 'removing'] : [])]);
  const found = readTables(dataRoot);
  const containers = found.containers.filter(
    ({ id, state }) => live.has(state?.status) && (isBusy || monitored.has(id)),
  );
  const records = [...containers, ...found.pods];
  return {
    isAlive: isBusy || containers.length > 0 || found.sandboxes.length > 0,
    known: new Set([...found.containers, ...found.pods].map(({ id }) => id)),
    volumes: new Set(found.volumes.map(({ name }) => name)),
    containers: new Set([
      ...containers.flatMap(({ id, sandboxId }) => [id, sandboxId]),
      ...found.pods.map(({ sandboxId }) => sandboxId),
      ...found.sandboxes.map(({ id }) => id),
    ]),
    endpoints: new Set(
      records.flatMap(({ endpoints }) => Object.values(endpoints ?? {}).map(({ endpointId }) => endpointId)),
    ),
  };
}

/** @param {string} dataRoot */
function readTables(dataRoot) {
  const scratch = mkdtempSync(join(tmpdir(), 'gantry-leaks-'));
  try {
    const file = copyDatabase(join(dataRoot, 'gantry.db'), scratch);
    return {
      containers: queryTable(file, 'containers'),
      pods: queryTable(file, 'pods'),
      sandboxes: queryTable(file, 'sandboxes'),
      volumes: queryTable(file, 'volumes'),
    };
  } catch (error) {
    // Wiped while we looked.
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return NOTHING;
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @type {Record<'containers' | 'pods' | 'sandboxes' | 'volumes', any[]>} */
const NOTHING = { containers: [], pods: [], sandboxes: [], volumes: [] };

/**
 * A daemon holds its database for itself alone, so a copy is read. It is copied until nothing was moved from the
 * write-ahead log into the database meanwhile, as the two would not fit together then.
 * @param {string} file
 * @param {string} scratch
 */
function copyDatabase(file, scratch) {
  const copy = join(scratch, 'gantry.db');
  for (let before = -1; before !== statSync(file).mtimeMs;) {
    before = statSync(file).mtimeMs;
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  }
  return copy;
}

/**
 * @param {string} file
 * @param {'containers' | 'pods' | 'sandboxes' | 'volumes'} table
 * @returns {any[]}
 */
function queryTable(file, table) {
  const database = new DatabaseSync(file);
  try {
    const rows = database.prepare(`SELECT doc FROM ${table}`).all();
    return rows.map(({ doc }) => JSON.parse(String(doc)));
  } catch (error) {
    if (/no such table/.test(String(error))) return []; // a daemon is just making it, or an older one has made the others
    throw error;
  } finally {
    database.close();
  }
}

/**
 * What a daemon writes into its exec root.
 * @param {string} execRoot
 * @returns {{ dataRoot: string, pid: number } | undefined}
 */
function readMark(execRoot) {
  try {
    return JSON.parse(readFileSync(join(execRoot, 'gantry.json'), 'utf8'));
  } catch {
    return undefined; // no exec root, or no daemon has used it yet
  }
}

/**
 * Whether a daemon is at work there. The pid in the mark may be another process's by now.
 * @param {string} execRoot
 */
export function isServed(execRoot) {
  const pid = readMark(execRoot)?.pid;
  return readProcesses().some((one) => one.pid === pid && isDaemon(one.args));
}

/** @param {string[]} args */
function isDaemon(args) {
  if (args.some((word) => word.endsWith('daemon/main.ts'))) return true;
  return args.includes('daemon') && args.some((word) => /(^|\/)(gantry(\.mjs)?|cli\/main\.ts)$/.test(word));
}

/**
 * @param {string[]} args
 * @param {string} flag
 */
function valueOf(args, flag) {
  const joined = args.find((word) => word.startsWith(`${flag}=`));
  const value = joined ? joined.slice(flag.length + 1) : args[args.indexOf(flag) + 1];
  return joined || args.includes(flag) ? value && resolve(value) : undefined;
}

/** @param {string[]} list */
function unique(list) {
  return [...new Set(list.map((path) => resolve(path)))];
}
