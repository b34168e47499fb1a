/** A promise that others open once. */
export class Gate<T = void> {
  readonly promise: Promise<T>;
  readonly #resolve: (value: T) => void;
  #open = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<T>();
    this.promise = promise;
    this.#resolve = resolve;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  open(value: T): void {
    this.#open = true;
    this.#resolve(value);
  }
}
