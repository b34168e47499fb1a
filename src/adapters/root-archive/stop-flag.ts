import { engineError } from '#domain/error/catalogue.ts';

/** Tells a thread in the middle of its work that nobody wants it any more: its messages it reads only afterwards. */
export class StopFlag {
  /** Shared with the thread. */
  readonly memory: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#word = new Int32Array(memory);
  }

  set(): void {
    Atomics.store(this.#word, 0, 1);
  }

  /** Throws `cancelled` `thread.not-needed` once it was set. */
  check(): void {
    if (Atomics.load(this.#word, 0) !== 0) throw engineError('thread.not-needed');
  }
}
