const AGAIN_AFTER_MS = 1000;

/**
 * Changes that the disk did not take and that hold all the same: written as soon as it takes them, the newest state of
 * each record alone.
 */
export class LateWrites {
  readonly #pending = new Map<string, () => void>();
  readonly #onWarning: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onWarning: (text: string) => void) {
    this.#onWarning = onWarning;
  }

  add(key: string, write: () => void, error: unknown): void {
    if (this.#pending.size === 0)
      this.#onWarning(
        `${key} is not on record, which will be tried again: ${error instanceof Error ? error.message : String(error)}`,
      );
    this.#pending.set(key, write);
    this.#timer ??= setInterval(() => this.flush(), AGAIN_AFTER_MS);
    this.#timer.unref();
  }

  /** A later change of the record was written. */
  forget(key: string): void {
    if (this.#pending.delete(key)) this.#settle();
  }

  flush(): void {
    try {
      for (const [key, write] of this.#pending) {
        write();
        this.#pending.delete(key);
      }
    } catch {
      // Still full; what is left stays.
    }
    this.#settle();
  }

  close(): void {
    this.flush();
    clearInterval(this.#timer);
  }

  #settle(): void {
    if (this.#pending.size > 0 || this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#onWarning('what was not on record is now');
  }
}
