import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { engineError } from '#domain/error/catalogue.ts';
import type { Collection, Durability } from '#engine/ports/state-store.ts';
import type { LateWrites } from './late-writes.ts';
import { explain } from './open-database.ts';

/** What the state of a container adds to its record takes no page of its own. */
const SMALL_GROWTH = 4096;

export type CollectionPlan<T> = {
  readonly database: DatabaseSync;
  readonly path: string;
  readonly table: string;
  readonly keyOf: (value: T) => string;
  /** Told how to take a change back in memory, for transactions that fail. */
  readonly onChange: (undo: () => void) => void;
  /** Whether a transaction is open. */
  readonly isUndoable: () => boolean;
  /** Asked before a record that is new or grows. */
  readonly hasRoomFor: (bytes: number) => boolean;
  readonly lateWrites: LateWrites;
  /** Runs a statement whose flush to disk may come a little later. */
  readonly flushSoon: (statement: () => void) => void;
};

/**
 * One table of documents. All of them are also kept in memory (one writer, one process), so that
 * reads cost nothing; every write is in the database when it returns.
 */
export class SqliteCollection<T> implements Collection<T> {
  readonly #plan: CollectionPlan<T>;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #values = new Map<string, T>();
  /** Of the documents, as they were written last. */
  readonly #lengths = new Map<string, number>();
  #lastSeq = 0;

  constructor(plan: CollectionPlan<T>) {
    this.#plan = plan;
    const { database, table } = plan;
    for (const row of database.prepare(`SELECT id, seq, doc FROM ${table} ORDER BY seq`).iterate()) {
      this.#values.set(String(row['id']), this.#parse(row));
      this.#lengths.set(String(row['id']), String(row['doc']).length);
      this.#lastSeq = Number(row['seq']);
    }
    this.#upsert = database.prepare(
      `INSERT INTO ${table} (id, seq, doc) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`,
    );
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE id = ?`);
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  put(value: T, durability: Durability = 'now'): void {
    const key = this.#plan.keyOf(value);
    const before = this.#values.get(key);
    this.#store(key, value, durability);
    if (before === undefined) this.#lastSeq += 1;
    this.#values.set(key, value);
    this.#plan.onChange(() =>
      before === undefined ? this.#values.delete(key) : this.#values.set(key, before),
    );
  }

  remove(key: string, durability: Durability = 'now'): void {
    const before = this.#values.get(key);
    if (before === undefined) return;
    const snapshot = this.#plan.isUndoable() ? [...this.#values] : undefined;
    this.#run(key, durability, () => this.#delete.run(key));
    this.#values.delete(key);
    this.#lengths.delete(key);
    if (snapshot !== undefined) this.#plan.onChange(() => this.#restore(snapshot));
  }

  list(): T[] {
    return [...this.#values.values()];
  }

  /** A removed value must come back to its own place in the order. */
  #restore(snapshot: readonly (readonly [string, T])[]): void {
    this.#values.clear();
    for (const [key, value] of snapshot) this.#values.set(key, value);
  }

  #store(key: string, value: T, durability: Durability): void {
    const document = JSON.stringify(value);
    if (!isAnyhow(durability)) this.#verifyRoom(key, document);
    this.#run(key, durability, () => this.#upsert.run(key, this.#lastSeq + 1, document));
    this.#lengths.set(key, document.length);
  }

  #verifyRoom(key: string, document: string): void {
    const { path, hasRoomFor } = this.#plan;
    const before = this.#lengths.get(key);
    if (before !== undefined && document.length - before < SMALL_GROWTH) return;
    if (!hasRoomFor(document.length))
      throw engineError('state.write-failed', { path, detail: 'no space left on device' });
  }

  #run(key: string, durability: Durability, statement: () => unknown): void {
    const { table, path, lateWrites, flushSoon, isUndoable } = this.#plan;
    try {
      if (isSoon(durability)) flushSoon(statement);
      else statement();
      lateWrites.forget(`${table} ${key}`);
    } catch (error) {
      const explained = explain(error, path);
      if (!isAnyhow(durability) || isUndoable()) throw explained;
      lateWrites.add(`${table} ${key}`, () => this.#writeLate(key), explained);
    }
  }

  #writeLate(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) this.#delete.run(key);
    else this.#upsert.run(key, this.#lastSeq, JSON.stringify(value));
  }

  #parse(row: Readonly<Record<string, unknown>>): T {
    try {
      // What we wrote is what we read: nobody else has this database.
      return JSON.parse(String(row['doc'])) as T;
    } catch (error) {
      const detail = `${this.#plan.table} ${String(row['id'])} is not JSON`;
      throw engineError('state.damaged', { path: this.#plan.path, detail }, error);
    }
  }
}

const isSoon = (durability: Durability): boolean => durability === 'soon' || durability === 'soon-anyhow';

const isAnyhow = (durability: Durability): boolean => durability === 'anyhow' || durability === 'soon-anyhow';
