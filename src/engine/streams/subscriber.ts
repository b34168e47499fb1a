import type { OutputChunk } from '#domain/log/record.ts';
import { advance } from './output-position.ts';
import type { OutputPosition } from './output-position.ts';

/** What a slow client may leave unread in memory before the log becomes its source, or the container waits for it. */
const QUEUE_LIMIT_BYTES = 512 * 1024;
/** More than an ended process can have left on its way; beyond it somebody else writes, and the reader is told. */
const REST_LIMIT_BYTES = 16 * QUEUE_LIMIT_BYTES;

export type Taken =
  | { readonly kind: 'chunk'; readonly chunk: OutputChunk }
  /** The queue overflowed: read on from `position` in the log, then `rejoin`. */
  | { readonly kind: 'lagging'; readonly position: OutputPosition; readonly isBegin: boolean }
  /** More came than is kept. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'end' };

export type SubscriberOptions = {
  /** Begins with the log. */
  readonly lagging: boolean;
  /** What it does not take in time is thrown away here and read again from the log; without one it is full. */
  readonly hasLog: boolean;
  /** Keeps the log for it while it lags, whatever becomes of the container. */
  readonly hold?: () => () => void;
  /** It has taken something. */
  readonly onTaken?: () => void;
};

/** One reader of a console. */
export class Subscriber {
  #position: OutputPosition;
  #queue: OutputChunk[] = [];
  #queuedBytes = 0;
  readonly #options: SubscriberOptions;
  #lagging = false;
  /** Nothing was shown yet: what the log no longer has is not missed. */
  #isBegin: boolean;
  #isLost = false;
  #release: (() => void) | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(position: OutputPosition, options: SubscriberOptions) {
    this.#position = position;
    this.#options = options;
    this.#lagging = options.lagging;
    this.#isBegin = options.lagging;
    if (options.lagging) this.#release = options.hold?.();
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Whether the container is to wait for it. */
  get isFull(): boolean {
    return !this.#options.hasLog && !this.#ended && this.#queuedBytes >= QUEUE_LIMIT_BYTES;
  }

  /** Called by the console for every chunk, in order. */
  offer(chunk: OutputChunk): void {
    if (this.#lagging || this.#ended || this.#isLost) return;
    const total = this.#queuedBytes + chunk.bytes.length;
    if (this.#options.hasLog && total > QUEUE_LIMIT_BYTES) this.lag();
    else if (total > REST_LIMIT_BYTES) this.#lose();
    else {
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
    this.#release ??= this.#options.hold?.();
  }

  /** It reads the log no more. */
  letGo(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #lose(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#isLost = true;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Back from the log at `position`: chunks that the console offers from now on follow it. */
  rejoin(position: OutputPosition): void {
    this.#position = position;
    this.#lagging = false;
    this.#isBegin = false;
    this.letGo();
  }

  async take(): Promise<Taken> {
    for (;;) {
      if (this.#isLost) return { kind: 'lost' };
      if (this.#lagging) return { kind: 'lagging', position: this.#position, isBegin: this.#isBegin };
      const chunk = this.#queue.shift();
      if (chunk !== undefined) {
        this.#queuedBytes -= chunk.bytes.length;
        this.#position = advance(this.#position, chunk.stream, chunk.bytes.length);
        this.#options.onTaken?.();
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
