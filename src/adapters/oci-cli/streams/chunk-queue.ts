import type { OutputChunk } from '#domain/log/record.ts';

/** How much may wait for a slow reader before the source is told to pause. */
const highWaterBytes = 1024 * 1024;

/**
 * Output on its way from a source that pushes to the one reader that pulls. Bounded: `push` answers false
 * when the source must pause, and `onDrained` is called once the reader has made room.
 */
export class ChunkQueue implements AsyncIterable<OutputChunk> {
  #chunks: OutputChunk[] = [];
  #head = 0;
  #waitingBytes = 0;
  #isFull = false;
  #isEnded = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #onDrained: () => void;

  constructor(onDrained: () => void) {
    this.#onDrained = onDrained;
  }

  /** Whether the source was told to pause and not yet to go on. */
  get isFull(): boolean {
    return this.#isFull;
  }

  push(chunk: OutputChunk): boolean {
    if (this.#isEnded) return true;
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.bytes.length;
    this.#signal();
    if (this.#waitingBytes >= highWaterBytes) this.#isFull = true;
    return !this.#isFull;
  }

  /** No more chunks; the reader gets what is left, then the end (or `error`). */
  end(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#signal();
  }

  /** Takes everything that waits. */
  drain(): OutputChunk[] {
    const waiting = this.#chunks.slice(this.#head);
    this.#chunks = [];
    this.#head = 0;
    this.#waitingBytes = 0;
    this.#makeRoom();
    return waiting;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutputChunk, void, undefined> {
    for (;;) {
      const chunk = this.#shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (this.#isEnded) {
        if (this.#error !== undefined) throw this.#error;
        return;
      } else {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    }
  }

  #shift(): OutputChunk | undefined {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#chunks.length) {
      this.#chunks = [];
      this.#head = 0;
    }
    this.#waitingBytes -= chunk.bytes.length;
    this.#makeRoom();
    return chunk;
  }

  #makeRoom(): void {
    if (!this.#isFull || this.#waitingBytes > highWaterBytes / 2) return;
    this.#isFull = false;
    this.#onDrained();
  }

  #signal(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
