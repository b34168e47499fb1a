import { invalidHeader } from '#formats/tar/tar-error.ts';

import type { SparseSegment } from '#formats/tar/sparse-map.ts';

/** Where content goes. */
export type ContentSink = {
  onData(buffer: Buffer, start: number, end: number): void;
  onHole?(length: number): void;
};

const ZEROS = Buffer.alloc(64 * 1024);

/** Passes one entry's stored bytes on, with the holes of a sparse file in their places. */
export class ContentCursor {
  readonly storedBytes: number;
  readonly #sink: ContentSink;
  readonly #realSizeBytes: number;
  readonly #segments: readonly SparseSegment[] | undefined;
  #remaining: number;
  #position = 0;
  #segment = 0;

  constructor(
    sink: ContentSink,
    content: {
      readonly storedBytes: number;
      readonly realSizeBytes: number;
      readonly segments: readonly SparseSegment[] | undefined;
    },
  ) {
    this.#sink = sink;
    this.storedBytes = content.storedBytes;
    this.#remaining = content.storedBytes;
    this.#realSizeBytes = content.realSizeBytes;
    this.#segments = content.segments;
    const mapped = content.segments?.reduce((sum, { length }) => sum + length, 0);
    if (mapped !== undefined && mapped !== content.storedBytes)
      throw invalidHeader('a sparse map does not cover its content');
  }

  get remainingBytes(): number {
    return this.#remaining;
  }

  /** Takes what this entry has of the chunk from `at` on; answers where the rest begins. */
  take(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#remaining);
    this.#remaining -= end - at;
    if (this.#segments === undefined) this.#sink.onData(bytes, at, end);
    else this.#spread(this.#segments, bytes, at, end);
    return end;
  }

  /** All stored bytes were taken: the hole at a sparse file's end follows. */
  finish(): void {
    if (this.#segments !== undefined) this.#skipTo(this.#realSizeBytes);
  }

  #spread(segments: readonly SparseSegment[], bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const segment = segments[this.#segment];
      if (segment === undefined) throw invalidHeader('a sparse map does not cover its content');
      this.#skipTo(segment.offset);
      const length = Math.min(end - at, segment.offset + segment.length - this.#position);
      if (length > 0) this.#sink.onData(bytes, at, at + length);
      at += length;
      this.#position += length;
      if (this.#position === segment.offset + segment.length) this.#segment += 1;
    }
  }

  #skipTo(offset: number): void {
    const length = offset - this.#position;
    if (length <= 0) return;
    this.#position = offset;
    if (this.#sink.onHole !== undefined) this.#sink.onHole(length);
    else
      for (let left = length; left > 0; left -= ZEROS.length)
        this.#sink.onData(ZEROS, 0, Math.min(left, ZEROS.length));
  }
}
