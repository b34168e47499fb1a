import type { TransferProgress } from '#engine/engine.ts';

/**
 * Messages from many tasks to one reader. Of a layer's running counts only the newest waits for a
 * slow reader, so memory stays flat; everything else is kept in order.
 */
export class ProgressFeed implements AsyncIterable<TransferProgress> {
  readonly #waiting: TransferProgress[] = [];
  #wake: () => void = () => undefined;
  #outcome: { readonly error?: unknown } | undefined;

  /** A plain line. */
  say(status: string, id?: string): void {
    this.#push(id === undefined ? { status } : { status, id });
  }

  /** A layer's new state. */
  mark(id: string, status: string): void {
    this.#push({ status, id, progress: {} });
  }

  count(id: string, status: string, current: number, total: number | undefined): void {
    const progress = total === undefined || total === 0 ? { current } : { current, total };
    const message = { status, id, progress };
    const last = this.#waiting.findLastIndex((other) => other.id === id);
    const isSame = last >= 0 && this.#waiting[last]?.status === status;
    if (isSame) this.#waiting[last] = message;
    else this.#push(message);
  }

  /** No more messages; the reader gets what waits, then the error if there is one. */
  end(): void {
    this.#finish({});
  }

  fail(error: unknown): void {
    this.#finish({ error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TransferProgress, void, void> {
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

  #push(message: TransferProgress): void {
    this.#waiting.push(message);
    this.#wake();
  }

  #finish(outcome: { readonly error?: unknown }): void {
    this.#outcome ??= outcome;
    this.#wake();
  }
}
