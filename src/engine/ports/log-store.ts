import type { LogRecord } from '#domain/log/record.ts';

/** The stored output of containers. */
export interface LogStore {
  /** Where the monitor writes; makes the folder. */
  prepare(containerId: string): Promise<string>;
  /**
   * Stored records in order, then, with `follow`, those to come until `ended` resolves and everything stored by then
   * was yielded (or the signal aborts). Survives rotation. Flat memory whatever the size. Partial chunks of one line
   * come as they were stored.
   */
  read(containerId: string, options: LogReadOptions): AsyncIterable<LogRecord>;
  /** Starts rotation by size for a running container; `maxFiles` >= 1. */
  limit(containerId: string, limit: { maxSizeBytes: number; maxFiles: number }): void;
  /** Byte position of the end of the log now: a seam between replay and live output. */
  end(containerId: string): Promise<LogPosition>;
  remove(containerId: string): Promise<void>;
}

export type LogPosition = { readonly file: number; readonly offset: number };

export type LogReadOptions = {
  /** Last N lines; undefined = all. */
  readonly tail?: number;
  /** RFC 3339 with nine digits; records before it are left out. */
  readonly since?: string;
  readonly until?: string;
  readonly from?: LogPosition;
  readonly to?: LogPosition;
  readonly follow?: { readonly ended: Promise<void> };
  readonly signal?: AbortSignal;
};
