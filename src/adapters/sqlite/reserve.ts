import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

const MEGABYTE = 1024 * 1024;
const PAGE_BYTES = 4096;

/** SQLite writes its log over from the start when 1000 pages are in it; the rest is for what cannot wait. */
const LOG_BYTES = 5 * MEGABYTE;
/** Free pages inside of the database: what new records may use of them, and what only changes and removals may. */
const FREE_PAGES = 256;
const LAST_PAGES = 64;
/** Filling up takes its own bytes twice, in the log and in the database. */
const ROOM_TO_FILL_BYTES = 6 * MEGABYTE;
/** Zeroed, it makes a log that holds nothing (sqlite.org/fileformat2.html#walformat). */
const LOG_HEADER_BYTES = 32;

/**
 * Room within the database's own files, taken while there is some: on a full disk nobody else can use it up, and what
 * frees the disk is written into it. The log keeps its size, and the database always has pages that hold nothing.
 */
export class Reserve {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #countFree: StatementSync;
  #isLogFull = false;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#countFree = database.prepare('PRAGMA freelist_count');
    this.#fillLog();
    this.#fillPages();
  }

  /** Before a transaction: nothing can be filled up within one. */
  replenish(): void {
    this.#fillLog();
    if (this.#freePages() < FREE_PAGES / 2) this.#fillPages();
  }

  /** Whether so much more may be stored without touching what is kept for removals. */
  hasRoomFor(bytes: number): boolean {
    const wanted = Math.ceil(bytes / PAGE_BYTES) + 2 + LAST_PAGES;
    this.#fillLog();
    if (this.#freePages() >= wanted) return true;
    // Not filled up within a transaction: the next one does, on a disk that has so much room.
    if (this.#database.isTransaction) return this.#hasRoomToFill(wanted);
    this.#fillPages(wanted);
    return this.#freePages() >= wanted;
  }

  /** SQLite takes its log away when it closes: the file's second name is the way back. */
  keepLogOver(close: () => void): void {
    const log = `${this.#path}-wal`;
    const spare = spareOf(this.#path);
    try {
      rmSync(spare, { force: true });
      linkSync(log, spare);
    } catch {
      // No room even for a name: the next start makes a new one when there is.
    }
    close();
    takeUpSpareLog(this.#path);
  }

  #freePages(): number {
    return Number(Object.values(this.#countFree.get() ?? {})[0] ?? 0);
  }

  #fillLog(): void {
    if (this.#isLogFull || !this.#hasRoomToFill()) return;
    // SQLite holds no lock on this file, which closing it would give up.
    const log = openSync(`${this.#path}-wal`, 'r+');
    try {
      const { size } = fstatSync(log);
      if (size < LOG_BYTES) writeSync(log, Buffer.alloc(LOG_BYTES - size), 0, LOG_BYTES - size, size);
      this.#isLogFull = true;
    } catch {
      // Full meanwhile: as it was before.
    } finally {
      closeSync(log);
    }
  }

  #fillPages(least = FREE_PAGES): void {
    const pages = Math.max(FREE_PAGES, least);
    if (this.#freePages() >= pages || this.#database.isTransaction || !this.#hasRoomToFill(pages)) return;
    try {
      // Pages that never held anything would be holes in the file, which need room when they are written. All of them at
      // once: those that are free already are taken first.
      this.#database
        .prepare(`INSERT OR REPLACE INTO settings (id, value) VALUES ('.spare', printf('%.*c', ?, ' '))`)
        .run(pages * PAGE_BYTES);
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // Full meanwhile: as it was before.
    } finally {
      this.#dropFilling();
    }
  }

  #dropFilling(): void {
    try {
      this.#database.exec(`DELETE FROM settings WHERE id = '.spare'`);
    } catch {
      // The next filling takes its place.
    }
  }

  #hasRoomToFill(pages = FREE_PAGES): boolean {
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      return bavail * bsize > ROOM_TO_FILL_BYTES + 2 * pages * PAGE_BYTES;
    } catch {
      return false;
    }
  }
}

const spareOf = (path: string): string => `${path}-spare`;

/** Before the database is opened, and after it was closed: the last log becomes the next one, with nothing in it. */
export const takeUpSpareLog = (path: string): void => {
  const spare = spareOf(path);
  if (!existsSync(spare)) return;
  // Cut off between its two names: the file is in use.
  if (existsSync(`${path}-wal`)) return rmSync(spare);
  const log = openSync(spare, 'r+');
  try {
    writeSync(log, Buffer.alloc(LOG_HEADER_BYTES), 0, LOG_HEADER_BYTES, 0);
  } finally {
    closeSync(log);
  }
  renameSync(spare, `${path}-wal`);
};
