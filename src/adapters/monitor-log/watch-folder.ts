import { watch } from 'node:fs';

/**
 * Wakes a reader that has reached the end of a log. One wake-up is kept while the reader is busy, so
 * a change between its last read and its wait is never missed.
 */
export class FolderWatch implements Disposable {
  readonly #watcher: ReturnType<typeof watch>;
  #pending = false;
  #wake: (() => void) | undefined;

  constructor(directory: string) {
    this.#watcher = watch(directory, { persistent: false }, () => this.poke());
    // A folder that is removed under us is the end of the log: the reader's other conditions decide.
    this.#watcher.on('error', () => this.poke());
  }

  poke(): void {
    this.#pending = true;
    this.#wake?.();
  }

  async changed(): Promise<void> {
    if (!this.#pending) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = undefined;
    }
    this.#pending = false;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    this.#wake?.();
  }
}
