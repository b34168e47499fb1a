import { close, closeSync, fdatasync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

const FLUSH_AFTER_MS = 50;

/**
 * Commits whose flush to disk comes a little later, in one of libuv's threads: an fsync takes 0.3 to several
 * milliseconds, in which the main thread would do nothing. The write-ahead log is one file written in
 * order, so any flush covers all earlier commits, and a commit that flushes at once covers these too.
 */
export class LateFlush {
  readonly #database: DatabaseSync;
  readonly #logPath: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#logPath = `${path}-wal`;
  }

  run(statement: () => void): void {
    // In WAL mode, NORMAL leaves out exactly the flush at commit (sqlite.org/pragma.html#pragma_synchronous).
    this.#database.exec('PRAGMA synchronous = NORMAL');
    try {
      statement();
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL');
    }
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS);
  }

  /** The database flushes when it is closed. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    const log = openSync(this.#logPath, 'r');
    fdatasync(log, (error) => {
      if (error === null) close(log);
      else {
        closeSync(log);
        // The next flush of SQLite meets the same disk and tells it.
        this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS);
      }
    });
  }
}
