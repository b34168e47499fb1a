/**
 * Messages from many tasks to one reader, in order. A message that makes a waiting one pointless
 * takes its place, so a slow reader costs flat memory.
 */
export class Feed<T> implements AsyncIterable<T> {
  readonly #replaces: (waiting: T, next: T) => boolean;
  readonly #waiting: T[] = [];
  #wake: () => void = () => undefined;
  #outcome: { readonly error?: unknown } | undefined;

  constructor(replaces: (waiting: T, next: T) => boolean) {
    this.#replaces = replaces;
  }

  push(message: T): void {
    const place = this.#waiting.findLastIndex((waiting) => this.#replaces(waiting, message));
    if (place < 0) this.#waiting.push(message);
    else this.#waiting[place] = message;
    this.#wake();
  }

  /** Closes with the work's outcome: its error is thrown to the reader. Never rejects itself. */
  async follow(work: Promise<void>): Promise<void> {
    try {
      await work;
      this.#outcome = {};
    } catch (error) {
      this.#outcome = { error };
    }
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        yield message;
        continue;
      }
      if (this.#outcome !== undefined) break;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    if ('error' in this.#outcome) throw this.#outcome.error;
  }
}
