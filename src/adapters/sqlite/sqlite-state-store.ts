import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Container } from '#domain/container/container.ts';
import type { Image, ImageReference } from '#domain/image/image.ts';
import type { Network } from '#domain/network/network.ts';
import type { Pod, PodSandbox } from '#domain/pod/pod.ts';
import type { Collection, StateStore, VolumeRecord } from '#engine/ports/state-store.ts';
import { LateFlush } from './late-flush.ts';
import { LateWrites } from './late-writes.ts';
import { explain, openDatabase } from './open-database.ts';
import { Reserve, takeUpSpareLog } from './reserve.ts';
import { SqliteCollection } from './sqlite-collection.ts';

export type SqliteStateStoreOptions = {
  readonly dataRoot: string;
  readonly onWarning?: (text: string) => void;
};

/**
 * The engine's records in `<dataRoot>/gantry.db`. Throws at construction: `state.locked` when another
 * daemon has the data root, `state.damaged`, `state.too-new`.
 */
export class SqliteStateStore implements StateStore {
  readonly containers: Collection<Container>;
  readonly images: Collection<Image>;
  readonly references: Collection<ImageReference>;
  readonly networks: Collection<Network>;
  readonly volumes: Collection<VolumeRecord>;
  readonly pods: Collection<Pod>;
  readonly sandboxes: Collection<PodSandbox>;
  readonly settings: StateStore['settings'];
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #lateFlush: LateFlush;
  readonly #lateWrites: LateWrites;
  readonly #reserve: Reserve;
  /** How to take back in memory what the open transaction did; undefined outside of one. */
  #undo: (() => void)[] | undefined;

  constructor({ dataRoot, onWarning }: SqliteStateStoreOptions) {
    this.#path = join(dataRoot, 'gantry.db');
    takeUpSpareLog(this.#path);
    this.#database = openDatabase(this.#path);
    this.#lateFlush = new LateFlush(this.#database, this.#path);
    this.#lateWrites = new LateWrites(onWarning ?? (() => undefined));
    try {
      this.#reserve = new Reserve(this.#database, this.#path);
      this.containers = this.#collection('containers', ({ id }) => id);
      this.images = this.#collection('images', ({ id }) => id);
      this.references = this.#collection('refs', ({ name }) => name);
      this.networks = this.#collection('networks', ({ id }) => id);
      this.volumes = this.#collection('volumes', ({ name }) => name);
      this.pods = this.#collection('pods', ({ id }) => id);
      this.sandboxes = this.#collection('sandboxes', ({ id }) => id);
      this.settings = settingsOf(this.#database, this.#path);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  transaction<T>(work: () => T): T {
    if (this.#undo !== undefined) throw new Error('transactions do not nest');
    this.#reserve.replenish();
    this.#exec('BEGIN IMMEDIATE');
    this.#undo = [];
    try {
      const result = work();
      this.#exec('COMMIT');
      return result;
    } catch (error) {
      for (const undo of this.#undo.toReversed()) undo();
      // SQLite may have rolled back by itself (full disk).
      if (this.#database.isTransaction) this.#exec('ROLLBACK');
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }

  close(): void {
    if (!this.#database.isOpen) return;
    this.#lateWrites.close();
    this.#lateFlush.close();
    this.#reserve.keepLogOver(() => this.#database.close());
  }

  #collection<T>(table: string, keyOf: (value: T) => string): Collection<T> {
    return new SqliteCollection({
      database: this.#database,
      path: this.#path,
      table,
      keyOf,
      onChange: (undo) => this.#undo?.push(undo),
      isUndoable: () => this.#undo !== undefined,
      hasRoomFor: (bytes) => this.#reserve.hasRoomFor(bytes),
      lateWrites: this.#lateWrites,
      // A transaction flushes at its end.
      flushSoon: (statement) => (this.#undo === undefined ? this.#lateFlush.run(statement) : statement()),
    });
  }

  #exec(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      throw explain(error, this.#path);
    }
  }
}

const settingsOf = (database: DatabaseSync, path: string): StateStore['settings'] => {
  const select = database.prepare('SELECT value FROM settings WHERE id = ?');
  const upsert = database.prepare(
    'INSERT INTO settings (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value',
  );
  return {
    get: (key) => {
      const value = select.get(key)?.['value'];
      return value === undefined ? undefined : String(value);
    },
    set: (key, value) => {
      try {
        upsert.run(key, value);
      } catch (error) {
        throw explain(error, path);
      }
    },
  };
};
