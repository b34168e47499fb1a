import type { LogRecord, OutputStream } from '#domain/log/record.ts';

/** The stored output of containers. */
export interface LogStore {
  /** Where the monitor writes; makes the folder. */
  prepare(containerId: string): Promise<string>;
  /**
   * Stored records in order, then, with `follow`, those to come until `ended` aborts and everything stored by then
   * was yielded (or the signal aborts). Survives rotation. Flat memory whatever the size. Partial chunks of one line
   * come as they were stored. Batches are never empty; a record's bytes are valid until the next batch is asked for.
   */
  read(containerId: string, options: LogReadOptions): AsyncIterable<LogBatch>;
  /** Starts rotation by size for a running container; `maxFiles` >= 1. */
  limit(containerId: string, limit: { maxSizeBytes: number; maxFiles: number }): void;
  /** So many bytes were handed to the monitor just now: the size may be worth a look before the next regular one. */
  grown(containerId: string, bytes: number): void;
  /** Payload bytes of each stream that rotation has thrown away: what `read` can no longer give. */
  dropped(containerId: string): Promise<Readonly<Record<OutputStream, number>>>;
  /** Stops rotation of a container that has ended. */
  unlimit(containerId: string): void;
  remove(containerId: string): Promise<void>;
  /** What a reader still needs outlives the removal, until every reader that holds it has let go. */
  hold(containerId: string): () => void;
}

export type LogBatch = {
  readonly records: readonly LogRecord[];
  /** Right after the last record: where a later `read` may go on. */
  readonly end: LogCursor;
};

/** A place in the log; opaque. */
export type LogCursor = { readonly file: string; readonly offset: number };

export type LogReadOptions = {
  /** Goes on from there; `not-found` code `log.rotated` when that part is gone. Not together with `tail`. */
  readonly from?: LogCursor;
  /** Last N lines; undefined = all. */
  readonly tail?: number;
  /** RFC 3339 with nine digits; records before it are left out. */
  readonly since?: string;
  readonly until?: string;
  /** `onPlaced` is called once the place is settled after which everything stored is yielded. */
  readonly follow?: { readonly ended: AbortSignal; readonly onPlaced?: () => void };
  readonly signal?: AbortSignal;
};
