import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { SqliteStateStore } from '#adapters/sqlite/sqlite-state-store.ts';
import type { StateStore, VolumeRecord } from '#engine/ports/state-store.ts';
import { MemoryStateStore } from '#test/fakes/memory-state-store.ts';

const volume = (name: string, createdAt = 1): VolumeRecord => ({
  name,
  driver: 'local',
  mountpoint: `/v/${name}`,
  createdAt,
  labels: { ünïcode: '"quoted"\n' },
  options: {},
  anonymous: false,
});

const scratch = (t: TestContext): string => {
  const dataRoot = mkdtempSync(join(tmpdir(), 'state-'));
  t.after(() => rmSync(dataRoot, { recursive: true, force: true }));
  return dataRoot;
};

const openSqlite = (t: TestContext, dataRoot = scratch(t)): SqliteStateStore => {
  const store = new SqliteStateStore({ dataRoot });
  t.after(() => store.close());
  return store;
};

const contract = (open: (t: TestContext) => StateStore): void => {
  it('gives back what was put, and undefined for the unknown', (t) => {
    const { volumes } = open(t);
    volumes.put(volume('a'));
    assert.deepEqual(volumes.get('a'), volume('a'));
    assert.equal(volumes.get('b'), undefined);
  });

  it('lists in order of insertion, a changed record in its old place', (t) => {
    const { volumes } = open(t);
    for (const name of ['c', 'a', 'b']) volumes.put(volume(name));
    volumes.put(volume('c', 7));
    assert.deepEqual(
      volumes.list().map(({ name }) => name),
      ['c', 'a', 'b'],
    );
    assert.equal(volumes.get('c')?.createdAt, 7);
  });

  it('removes, and does not mind the unknown', (t) => {
    const { volumes } = open(t);
    volumes.put(volume('a'));
    volumes.remove('a');
    volumes.remove('a');
    assert.deepEqual(volumes.list(), []);
  });

  it('keeps settings', (t) => {
    const { settings } = open(t);
    assert.equal(settings.get('id'), undefined);
    settings.set('id', 'one');
    settings.set('id', 'two');
    assert.equal(settings.get('id'), 'two');
  });

  it('takes everything back when a transaction throws, order included', (t) => {
    const store = open(t);
    for (const name of ['a', 'b', 'c']) store.volumes.put(volume(name));
    const failure = new Error('no');
    const work = (): void => {
      store.volumes.remove('a');
      store.volumes.put(volume('b', 9));
      store.volumes.put(volume('d'));
      throw failure;
    };
    assert.throws(() => store.transaction(work), failure);
    assert.deepEqual(store.volumes.list(), [volume('a'), volume('b'), volume('c')]);
  });

  it('keeps what a transaction did', (t) => {
    const store = open(t);
    assert.equal(
      store.transaction(() => (store.volumes.put(volume('a')), 5)),
      5,
    );
    assert.deepEqual(store.volumes.list(), [volume('a')]);
  });
};

describe('state store in memory', () => contract(() => new MemoryStateStore()));
describe('state store in SQLite', () => contract((t) => openSqlite(t)));

describe('SQLite state store', () => {
  it('finds everything again after it was closed, in the same order', (t) => {
    const dataRoot = scratch(t);
    const before = openSqlite(t, dataRoot);
    for (const name of ['c', 'a', 'b']) before.volumes.put(volume(name));
    before.volumes.remove('a');
    before.volumes.put(volume('a'));
    before.settings.set('id', 'one');
    before.close();
    const after = openSqlite(t, dataRoot);
    assert.deepEqual(
      after.volumes.list().map(({ name }) => name),
      ['c', 'b', 'a'],
    );
    assert.equal(after.settings.get('id'), 'one');
  });

  it('flushes at once again after a change that may be flushed a little later', (t) => {
    const store = openSqlite(t);
    store.volumes.put(volume('a'), 'soon');
    store.volumes.put(volume('b'));
    store.volumes.remove('a', 'soon');
    store.transaction(() => store.volumes.put(volume('c'), 'soon'));
    assert.deepEqual(store.volumes.list(), [volume('b'), volume('c')]);
  });

  it('takes records of any size, one after the other and in a transaction, where the disk has room', (t) => {
    const dataRoot = scratch(t);
    const store = openSqlite(t, dataRoot);
    const large = (name: string, bytes: number): VolumeRecord => ({
      ...volume(name),
      options: { data: 'x'.repeat(bytes) },
    });
    const kept: VolumeRecord[] = [];
    for (const bytes of [900_000, 900_000, 1_200_000, 5_000_000, 900_000]) {
      const record = large(`v${kept.length}`, bytes);
      if (kept.length % 2 === 0) store.volumes.put(record);
      else store.transaction(() => store.volumes.put(record));
      kept.push(record);
    }
    store.close();
    assert.deepEqual(openSqlite(t, dataRoot).volumes.list(), kept);
  });

  it('rolls back on disk too', (t) => {
    const dataRoot = scratch(t);
    const before = openSqlite(t, dataRoot);
    assert.throws(() =>
      before.transaction(() => {
        before.volumes.put(volume('a'));
        throw new Error('no');
      }),
    );
    before.volumes.put(volume('b'));
    before.close();
    assert.deepEqual(openSqlite(t, dataRoot).volumes.list(), [volume('b')]);
  });

  it('refuses a data root that another store holds, and takes it when that one is closed', (t) => {
    const dataRoot = scratch(t);
    const first = openSqlite(t, dataRoot);
    assert.throws(() => openSqlite(t, dataRoot), { kind: 'conflict', code: 'state.locked' });
    first.close();
    openSqlite(t, dataRoot);
  });

  it('refuses a data root that another process holds, and loses nothing when that one is killed', async (t) => {
    const dataRoot = scratch(t);
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', HOLDER, dataRoot], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: process.cwd(),
    });
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    assert.throws(() => openSqlite(t, dataRoot), { code: 'state.locked' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const after = openSqlite(t, dataRoot);
    assert.equal(after.settings.get('last'), 'written');
    assert.ok(
      after.references.get('soon'),
      'a change that is flushed a little later outlives the process at once',
    );
  });

  it('says so when the file is no database', (t) => {
    const dataRoot = scratch(t);
    writeFileSync(join(dataRoot, 'gantry.db'), 'x'.repeat(8192));
    assert.throws(() => openSqlite(t, dataRoot), { kind: 'damaged', code: 'state.damaged' });
  });

  it('says so when a record is damaged', (t) => {
    const dataRoot = scratch(t);
    openSqlite(t, dataRoot).close();
    const raw = new DatabaseSync(join(dataRoot, 'gantry.db'));
    raw.exec("INSERT INTO volumes VALUES ('a', 1, '{')");
    raw.close();
    assert.throws(() => openSqlite(t, dataRoot), { kind: 'damaged', code: 'state.damaged' });
  });

  it('refuses the schema of a newer version', (t) => {
    const dataRoot = scratch(t);
    openSqlite(t, dataRoot).close();
    const raw = new DatabaseSync(join(dataRoot, 'gantry.db'));
    raw.exec('PRAGMA user_version = 999');
    raw.close();
    assert.throws(() => openSqlite(t, dataRoot), { kind: 'unsupported', code: 'state.too-new' });
  });
});

/** Opens the store, writes, says so and stays until killed. */
const HOLDER = `
  import { SqliteStateStore } from '#adapters/sqlite/sqlite-state-store.ts';
  const store = new SqliteStateStore({ dataRoot: process.argv[1] });
  store.settings.set('last', 'written');
  store.references.put({ name: 'soon' }, 'soon');
  process.stdout.write('ready');
  setInterval(() => store, 60_000);
`;
