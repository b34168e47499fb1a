/**
 * Lets those that wait go on one at a time, each after the sockets have been looked at: the answers of one client's
 * many requests follow each other without a pause otherwise, and nobody else is heard.
 */
export class Turns {
  #waiting: (() => void)[] = [];
  readonly #next = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };

  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#next);
    });
  }
}
