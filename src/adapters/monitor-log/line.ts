import type { LogRecord, OutputStream } from '#domain/log/record.ts';

/**
 * A line as conmon stores it: `2026-11-21T00:55:48.993285588+00:00 stdout F text`, LF. The clock is UTC, so the
 * head has a fixed width. `F` ends a line of the process, `P` is a piece of one.
 */
const TIME_WIDTH = 35;
const STREAM_AT = TIME_WIDTH + 1;
const TAG_AT = STREAM_AT + 7;
export const HEAD_WIDTH = TAG_AT + 2;

const LETTER_O = 0x6f;
const LETTER_P = 0x50;

/** A record whose text parts are decoded only when asked for: most readers want the bytes alone. */
export class StoredLine implements LogRecord {
  readonly stream: OutputStream;
  readonly partial: boolean;
  readonly bytes: Uint8Array;
  readonly #buffer: Buffer;
  readonly #start: number;

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer;
    this.#start = start;
    // `stdout` and `stderr` differ in their fourth letter.
    this.stream = buffer[start + STREAM_AT + 3] === LETTER_O ? 'stdout' : 'stderr';
    this.partial = buffer[start + TAG_AT] === LETTER_P;
    this.bytes = buffer.subarray(start + HEAD_WIDTH, this.partial ? end : end + 1);
  }

  get time(): string {
    return `${this.#buffer.toString('latin1', this.#start, this.#start + 29)}Z`;
  }
}

/** Lines of a buffer; `rest` is where an unfinished last line begins. */
export const parseLines = (buffer: Buffer): { lines: StoredLine[]; rest: number } => {
  const lines: StoredLine[] = [];
  let start = 0;
  for (let end = buffer.indexOf(0x0a); end !== -1; end = buffer.indexOf(0x0a, start)) {
    // A shorter line is a torn write of a machine that went down: nothing can be told of it.
    if (end - start >= HEAD_WIDTH - 1) lines.push(new StoredLine(buffer, start, end));
    start = end + 1;
  }
  return { lines, rest: start };
};

/** Whether the line that starts here ends a line of the process. */
export const isWholeAt = (buffer: Buffer, start: number): boolean => buffer[start + TAG_AT] !== LETTER_P;
