import type { OutputChunk } from '#domain/log/record.ts';
import { advance } from './output-position.ts';
import type { OutputPosition } from './output-position.ts';

/** What a slow client may leave unread in memory before the log becomes its source. */
const QUEUE_LIMIT_BYTES = 512 * 1024;

export type Taken =
  | { readonly kind: 'chunk'; readonly chunk: OutputChunk }
  /** The queue overflowed: read on from `position` in the log, then `rejoin`. */
  | { readonly kind: 'lagging'; readonly position: OutputPosition }
  | { readonly kind: 'end' };

/**
 * One reader of a console. Never makes the console wait: what it does not take in time is thrown away
 * here and read again from the log.
 */
export class Subscriber {
  #position: OutputPosition;
  #queue: OutputChunk[] = [];
  #queuedBytes = 0;
  #lagging = false;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(position: OutputPosition, options: { lagging: boolean }) {
    this.#position = position;
    this.#lagging = options.lagging;
  }

  /** Called by the console for every chunk, in order. */
  offer(chunk: OutputChunk): void {
    if (this.#lagging || this.#ended) return;
    if (this.#queuedBytes + chunk.bytes.length > QUEUE_LIMIT_BYTES) {
      this.lag();
    } else {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.bytes.length;
    }
    this.#wake?.();
  }

  /** Throws the queue away: the reader goes on from its position in the log. */
  lag(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#lagging = true;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Back from the log at `position`: chunks that the console offers from now on follow it. */
  rejoin(position: OutputPosition): void {
    this.#position = position;
    this.#lagging = false;
  }

  async take(): Promise<Taken> {
    for (;;) {
      if (this.#lagging) return { kind: 'lagging', position: this.#position };
      const chunk = this.#queue.shift();
      if (chunk !== undefined) {
        this.#queuedBytes -= chunk.bytes.length;
        this.#position = advance(this.#position, chunk.stream, chunk.bytes.length);
        return { kind: 'chunk', chunk };
      }
      if (this.#ended) return { kind: 'end' };
      await this.#change();
    }
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
