// Everything on the machine that looks like Gantry's, by the names that ARCHITECTURE.md fixes.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * One thing found. What it belongs to is known by one of the fields:
 * `tag` (a daemon's, or its first six characters), `root` (a data or exec root), and within that by `container`
 * (a container or sandbox id) or `endpoint`. With neither of the two it belongs to the daemon as a whole.
 * @typedef {object} Thing
 * @property {'mount' | 'namespace' | 'link' | 'table' | 'cgroup' | 'process' | 'file'} kind
 * @property {string} name
 * @property {string | undefined} [tag]
 * @property {string | undefined} [root]
 * @property {string | undefined} [container]
 * @property {string | undefined} [endpoint]
 * @property {string} [volume] of files alone, as are the next ones
 * @property {string} [work] what only a daemon that is at it may have
 * @property {boolean} [isAbandoned]
 */

/** Where a mount with our name in its path is surely ours. */
const OUR_NAME = /^\/(run|tmp|var)\/.*gantry/;

const ID = '[0-9a-f]{12,64}';

/**
 * @param {string[]} roots the data and exec roots that are known
 * @returns {Thing[]}
 */
export function listThings(roots) {
  return [...listMounts(roots), ...listLinks(), ...listTables(), ...listCgroups(), ...listMonitors()];
}

/**
 * @param {string[]} roots
 * @returns {Thing[]}
 */
function listMounts(roots) {
  return readMounts().flatMap(({ path, type }) => {
    const thing = describeMount(path, type);
    if (thing) return [thing];
    const root = roots
      .filter((known) => path === known || path.startsWith(`${known}/`))
      .toSorted(byLength)[0];
    return root || OUR_NAME.test(path) ? [{ kind: 'mount', name: path, root: root ?? path }] : [];
  });
}

/**
 * Longest first: roots may lie within roots.
 * @param {string} one
 * @param {string} other
 */
function byLength(one, other) {
  return other.length - one.length;
}

/**
 * @param {string} path
 * @param {string} type
 * @returns {Thing | undefined}
 */
export function describeMount(path, type) {
  const pinned = /^(.+)\/sandboxes\/([^/]+)\/(?:net|ipc|uts)$/.exec(path);
  if (pinned && type === 'nsfs')
    return { kind: 'namespace', name: path, root: pinned[1], container: pinned[2] };
  const merged = new RegExp(`^(.+)/rootfs/(${ID})/merged$`).exec(path);
  if (merged) return { kind: 'mount', name: path, root: merged[1], container: merged[2] };
  const bundle = new RegExp(`^(.+)/(?:containers/(${ID})|sandboxes/([^/]+))(?:/|$)`).exec(path);
  return bundle && /gantry/.test(path)
    ? { kind: 'mount', name: path, root: bundle[1], container: bundle[2] ?? bundle[3] }
    : undefined;
}

/** The mounts of our own namespace. A mount point that was deleted meanwhile carries a mark, which is not its name. */
export function readMounts() {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const path = (before.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, code) => fromOctal(code));
      return { path: path.replace(/\/\/deleted$/, ''), type: after.split(' ')[0] ?? '' };
    });
}

/** @param {string} code */
function fromOctal(code) {
  return String.fromCharCode(Number.parseInt(code, 8));
}

/** The alias of a link says whose it is; bridges say it in their name too. @returns {Thing[]} */
function listLinks() {
  /** @type {{ ifname: string, ifalias?: string }[]} */
  const links = JSON.parse(run('ip', ['-json', '-details', 'link', 'show']) || '[]');
  return links.flatMap(({ ifname, ifalias }) => {
    const [, tag, endpoint] = /^gantry:([0-9a-f]+)(?::(.*))?$/.exec(ifalias ?? '') ?? [];
    if (ifname.startsWith('gtv')) return [{ kind: 'link', name: ifname, tag, endpoint: endpoint ?? '' }];
    const byName = /^gt[rp]([0-9a-f]{6})$/.exec(ifname)?.[1];
    return tag || byName ? [{ kind: 'link', name: ifname, tag: tag ?? byName }] : [];
  });
}

/** @returns {Thing[]} */
function listTables() {
  return run('nft', ['list', 'tables'])
    .split('\n')
    .flatMap((line) => {
      const [, family, name, tag] = /^table (\S+) (gantry_([0-9a-f]+))$/.exec(line) ?? [];
      return name ? [{ kind: 'table', name: `${family} ${name}`, tag }] : [];
    });
}

/** @returns {Thing[]} */
function listCgroups() {
  const hierarchies = readMounts().filter(({ type }) => type === 'cgroup' || type === 'cgroup2');
  return hierarchies.flatMap(({ path }) =>
    listFolders(path)
      .filter((name) => /^gantry-[0-9a-f]+$/.test(name))
      .flatMap((name) => describeCgroups(join(path, name), name.slice('gantry-'.length))),
  );
}

/**
 * @param {string} path of a daemon's parent group
 * @param {string} tag
 * @returns {Thing[]}
 */
function describeCgroups(path, tag) {
  const children = listFolders(path).flatMap((child) => {
    const sandbox = /^pod\.(.+)$/.exec(child)?.[1];
    const name = join(path, child);
    if (sandbox === undefined)
      return [{ name, container: new RegExp(`^${ID}$`).test(child) ? child : undefined }];
    // What is below it is a container's, or keeps its limits; the rest, such as the monitors' group, is the daemon's own.
    const inner = listFolders(name).map((one) => ({ name: join(name, one), container: sandbox }));
    return [{ name, container: sandbox }, ...inner];
  });
  return [{ name: path }, ...children].map((one) => ({ kind: 'cgroup', tag, ...one }));
}

/** Monitors, and runtimes at work, by the bundle or state folder in their arguments. @returns {Thing[]} */
export function listMonitors() {
  return readProcesses().flatMap(({ pid, args }) => {
    const program = basename(args[0] ?? '');
    if (!['conmon', 'crun', 'runc'].includes(program)) return [];
    const thing = args.map((argument) => describeBundle(argument)).find(Boolean);
    return thing ? [{ kind: 'process', name: `${program} (${pid})`, ...thing }] : [];
  });
}

/** @param {string} argument */
function describeBundle(argument) {
  const [, root, container] = new RegExp(`^(/.+)/containers/(${ID})(?:/|$)`).exec(argument) ?? [];
  return root && container ? { root, container } : undefined;
}

export function readProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: readArgs(name) }));
}

/** @param {string} pid */
function readArgs(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return []; // it ended while we looked
  }
}

/** @param {string} path */
function listFolders(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // removed while we looked
  }
}

/**
 * A machine without the tool has none of the things either.
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  try {
    const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, PATH: path },
    });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return '';
    throw error;
  }
}
