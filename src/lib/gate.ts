/**
 * Comes to pass once. Who waits here may stop waiting, and then nothing of the wait is left: a promise keeps every reaction
 * that was ever put on it until it settles, which is a leak where it settles after days and steps wait by the million.
 */
export class Gate<T = void> {
  readonly #waiting = new Set<(value: T) => void>();
  #opened: { readonly value: T } | undefined;

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  open(value: T): void {
    if (this.#opened !== undefined) return;
    this.#opened = { value };
    for (const tell of this.#waiting) tell(value);
    this.#waiting.clear();
  }

  /** Calls `tell` once it is open, or at once; the result takes the wish back. */
  whenOpen(tell: (value: T) => void): () => void {
    if (this.#opened === undefined) this.#waiting.add(tell);
    else tell(this.#opened.value);
    return () => this.#waiting.delete(tell);
  }

  /** What it was opened with; undefined when the signal aborts before. */
  wait(signal?: AbortSignal): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    const forget = this.whenOpen(resolve);
    return signal === undefined ? promise : untilAborted(promise, signal).finally(forget);
  }

  /** What becomes of a step, or undefined as soon as it is open. */
  async race<Step>(step: Promise<Step>): Promise<Step | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Step | undefined>();
    const forget = this.whenOpen(() => resolve(undefined));
    step.then(resolve, reject);
    return promise.finally(forget);
  }
}

/** What becomes of a step, or undefined as soon as the signal aborts; leaves nothing with the signal. */
export const untilAborted = <Step>(
  step: Promise<Step>,
  signal: AbortSignal | undefined,
): Promise<Step | undefined> => {
  if (signal === undefined) return step;
  const { promise, resolve, reject } = Promise.withResolvers<Step | undefined>();
  const leave = (): void => resolve(undefined);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  step.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', leave));
};
