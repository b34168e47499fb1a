import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, afterEach, test } from 'node:test';
import { findLeaks } from '#tools/leaks.mjs';
import { readMounts } from '#tools/leaks/machine.mjs';
import { toTag } from '#tools/leaks/records.mjs';

const id = 'f'.repeat(64);
let dataRoot = '';
let execRoot = '';
let tag = '';
/** Held open the way a daemon holds it. */
let database: DatabaseSync | undefined;

beforeEach(() => {
  dataRoot = mkdtempSync(join(tmpdir(), 'gantry-data-'));
  execRoot = mkdtempSync(join(tmpdir(), 'gantry-exec-'));
  tag = toTag(dataRoot);
});

afterEach(() => {
  database?.close();
  database = undefined;
  const mounts = readMounts().filter(({ path }) => path.startsWith(execRoot) || path.startsWith(dataRoot));
  for (const { path } of mounts.reverse()) execFileSync('umount', ['--lazy', path]);
  for (const folder of [dataRoot, execRoot]) rmSync(folder, { recursive: true, force: true });
});

test('a mount, a namespace, a link, a table and a cgroup without a record are found', async (t) => {
  const cgroup = makeEverything();
  t.after(() => removeEverything(cgroup));
  const found = await leaksOfThisTest();
  assert.deepEqual(
    new Set(found.map(({ kind }) => kind)),
    new Set(['mount', 'namespace', 'link', 'table', 'cgroup']),
  );
});

test('the same things are no leaks while their container runs', async (t) => {
  const cgroup = makeEverything();
  t.after(() => removeEverything(cgroup));
  await using monitor = await runMonitor();
  assert.ok(monitor.pid > 0);
  record('running');
  assert.deepEqual(await leaksOfThisTest(), []);
});

test('a record that says so does not make a container run: nothing of it or its daemon is covered', async (t) => {
  const cgroup = makeEverything();
  t.after(() => removeEverything(cgroup));
  record('running');
  const found = await leaksOfThisTest();
  assert.equal(found.filter(({ kind }) => kind === 'link').length, 3);
  assert.deepEqual(
    new Set(found.map(({ kind }) => kind)),
    new Set(['mount', 'namespace', 'link', 'table', 'cgroup']),
  );
});

test('once the container has ended, what is left of it and of its daemon leaks, its files do not', async (t) => {
  const cgroup = makeEverything();
  t.after(() => removeEverything(cgroup));
  record('exited');
  const found = await leaksOfThisTest();
  assert.deepEqual(
    new Set(found.map(({ kind }) => kind)),
    new Set(['mount', 'namespace', 'link', 'table', 'cgroup']),
  );
});

async function leaksOfThisTest() {
  const leaks = await findLeaks({ dataRoots: [dataRoot], execRoots: [execRoot] }, 0);
  const marks = [dataRoot, execRoot, tag, tag.slice(0, 6), linkName()];
  return leaks.filter(({ name }) => marks.some((mark) => name.includes(mark)));
}

/** A process that looks like the container's monitor: by its name, and the bundle among its arguments. */
async function runMonitor(): Promise<AsyncDisposable & { readonly pid: number }> {
  const bundle = join(execRoot, 'containers', id);
  const child = spawn('sh', ['-c', 'read wait', '--bundle', bundle], {
    argv0: 'conmon',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await gone;
    },
  };
}

/** The mounts, link, table and cgroup of one container; returns the cgroup's folder. */
function makeEverything(): string {
  for (const bridge of bridges()) execFileSync('ip', ['link', 'add', bridge, 'type', 'bridge']);
  execFileSync('ip', ['link', 'add', linkName(), 'type', 'bridge']);
  execFileSync('ip', ['link', 'set', linkName(), 'alias', `gantry:${tag}:endpoint`]);
  execFileSync('nft', ['add', 'table', 'inet', `gantry_${tag}`]);
  const pin = join(execRoot, 'sandboxes', id, 'net');
  mkdirSync(join(execRoot, 'sandboxes', id), { recursive: true });
  writeFileSync(pin, '');
  execFileSync('mount', ['--bind', '/proc/self/ns/net', pin]);
  const merged = join(dataRoot, 'rootfs', id, 'merged');
  mkdirSync(merged, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'none', merged]);
  const hierarchy = readMounts().find(({ type }) => type === 'cgroup' || type === 'cgroup2');
  assert.ok(hierarchy);
  const cgroup = join(hierarchy.path, `gantry-${tag}`);
  mkdirSync(join(cgroup, id), { recursive: true });
  return cgroup;
}

function removeEverything(cgroup: string): void {
  execFileSync('rmdir', [join(cgroup, id), cgroup]);
  execFileSync('nft', ['delete', 'table', 'inet', `gantry_${tag}`]);
  for (const name of [linkName(), ...bridges()]) execFileSync('ip', ['link', 'delete', name]);
}

function bridges(): string[] {
  return ['gtr', 'gtp'].map((kind) => `${kind}${tag.slice(0, 6)}`);
}

function linkName(): string {
  return `gtv${tag}`;
}

function record(status: string): void {
  writeFileSync(join(execRoot, 'gantry.json'), JSON.stringify({ dataRoot, tag, pid: 1 }));
  database = new DatabaseSync(join(dataRoot, 'gantry.db'));
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
  database.exec('CREATE TABLE containers (id TEXT PRIMARY KEY, doc TEXT)');
  const endpoints = { bridge: { endpointId: 'endpoint' } };
  const doc = JSON.stringify({ id, sandboxId: id, state: { status }, endpoints });
  database.prepare('INSERT INTO containers VALUES (?, ?)').run(id, doc);
}
