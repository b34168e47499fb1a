export type OutputStream = 'stdout' | 'stderr';

/** Bytes a process wrote, in the order they were read. */
export type OutputChunk = { readonly stream: OutputStream; readonly bytes: Uint8Array };

/** One stored line. `bytes` ends with LF unless `partial`. */
export type LogRecord = OutputChunk & {
  /** RFC 3339 with nine fractional digits, `Z`. Kept as text: nanoseconds do not fit a double. */
  readonly time: string;
  readonly partial: boolean;
};
