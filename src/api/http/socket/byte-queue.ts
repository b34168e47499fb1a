/** Something that yields bytes until it yields `undefined`. One reader at a time. */
export type ByteReader = { read(): Promise<Uint8Array | undefined> };

/** Where a queue's bytes come from: told to stop when the queue is full. */
type ByteSource = { pause(): unknown; resume(): unknown };

const HIGH_WATER_BYTES = 64 * 1024;
const MANY = 16;
const SMALL_BYTES = 1024;

/**
 * A bounded queue between a Node stream in flowing mode and one reader. Unlike the iterator of
 * a Node stream it neither destroys the stream when its reader stops half-way nor drops what had
 * already arrived when the connection breaks, and bytes can be put back.
 */
export class ByteQueue implements ByteReader {
  readonly #source: ByteSource;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #paused = false;
  #dropping = false;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  push(chunk: Uint8Array): void {
    if (this.#dropping || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
    this.#notify();
  }

  /** No more will come. With an error the reader gets it after the bytes that did come. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = error;
    this.#notify();
  }

  /** Puts bytes back in front. */
  unshift(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.unshift(chunk);
    this.#size += chunk.length;
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#isCrumbled() ? this.takeAll() : this.#chunks.shift();
    if (chunk !== undefined) this.#size = Math.max(0, this.#size - chunk.length);
    this.#resumeWhenLow();
    return chunk;
  }

  /** Forgets what is there and what will come, so that the source never waits for a reader. */
  discard(): void {
    this.#dropping = true;
    this.#chunks = [];
    this.#size = 0;
    this.#resumeWhenLow();
  }

  /** Everything that is there now. */
  takeAll(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    return all;
  }

  /** Thousands of tiny pieces would cost their reader more than their bytes do. */
  #isCrumbled(): boolean {
    return this.#chunks.length > MANY && this.#size < this.#chunks.length * SMALL_BYTES;
  }

  #resumeWhenLow(): void {
    if (!this.#paused || this.#size >= HIGH_WATER_BYTES / 2) return;
    this.#paused = false;
    this.#source.resume();
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** A reader as an iterable that leaves the rest in place when its consumer stops. */
export const iterate = (reader: ByteReader): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => ({
    async next(): Promise<IteratorResult<Uint8Array, undefined>> {
      const value = await reader.read();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    async return(): Promise<IteratorResult<Uint8Array, undefined>> {
      return { done: true, value: undefined };
    },
  }),
});
