import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { engineError } from '#domain/error/catalogue.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { EngineError } from '#domain/error/engine-error.ts';
import { MIGRATIONS } from './migrations.ts';

/** Primary result codes (sqlite.org/rescode.html). */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/**
 * Opens or makes the database, for this process alone: the lock is the kernel's (fcntl) and ends with
 * the process, however it ends. Throws `state.locked`, `state.damaged`, `state.too-new`.
 */
export const openDatabase = (path: string): DatabaseSync => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = open(path);
  try {
    // Exclusive before WAL: the lock is then never given up, and no shared memory file is needed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('BEGIN EXCLUSIVE; COMMIT;');
    verify(database, path);
    migrate(database, path);
    return database;
  } catch (error) {
    database.close();
    throw explain(error, path);
  }
};

const open = (path: string): DatabaseSync => {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw explain(error, path);
  }
};

const verify = (database: DatabaseSync, path: string): void => {
  const [row] = database.prepare('PRAGMA quick_check(1)').all();
  const verdict = row === undefined ? 'no answer' : String(Object.values(row)[0]);
  if (verdict !== 'ok') throw engineError('state.damaged', { path, detail: verdict });
};

const migrate = (database: DatabaseSync, path: string): void => {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  const known = MIGRATIONS.length;
  if (found > known) throw engineError('state.too-new', { path, found, known });
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index >= found) database.exec(`BEGIN; ${step} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
};

/** SQLite's error in the engine's words. */
export const explain = (error: unknown, path: string): EngineError => {
  if (isEngineError(error)) return error;
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (code === BUSY) return engineError('state.locked', { path }, error);
  if (code === CORRUPT || code === NOT_A_DATABASE)
    return engineError('state.damaged', { path, detail }, error);
  return engineError('state.write-failed', { path, detail }, error);
};

/** The primary code: extended ones carry more in their upper bytes. */
const codeOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 255 : undefined;
};
