import type { EngineEvent } from '#domain/event/event.ts';
import type { EventRequest } from '#engine/engine.ts';

/** One reader's queue: bounded, ended by its signal, by `end` or by an error. Read once, by one reader. */
export class Subscription implements AsyncIterable<EngineEvent> {
  readonly #request: EventRequest;
  readonly #limit: number;
  readonly #onClose: () => void;
  readonly #closing = new AbortController();
  #queue: EngineEvent[] = [];
  #error: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(request: EventRequest, limit: number, onClose: () => void) {
    this.#request = request;
    this.#limit = limit;
    this.#onClose = onClose;
    if (request.signal.aborted) this.end();
    else request.signal.addEventListener('abort', this.#stop, { once: true });
  }

  /** Aborted when the subscription is over. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** False when the reader is too far behind. */
  offer(event: EngineEvent): boolean {
    if (this.#ended || !this.#request.matches(event)) return true;
    if (this.#queue.length >= this.#limit) return false;
    this.#queue.push(event);
    this.#wake?.();
    return true;
  }

  fail(error: Error): void {
    this.#error = error;
    this.#queue = [];
    this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#request.signal.removeEventListener('abort', this.#stop);
    this.#onClose();
    this.#closing.abort();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EngineEvent, void, undefined> {
    try {
      for (;;) {
        const event = this.#queue.shift();
        if (event !== undefined) yield event;
        else if (this.#ended) break;
        else await this.#news();
      }
      if (this.#error !== undefined) throw this.#error;
    } finally {
      this.end();
    }
  }

  readonly #stop = (): void => {
    this.#queue = [];
    this.end();
  };

  async #news(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
