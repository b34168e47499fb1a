export type Filtered = {
  /** What the process is to read. */
  readonly bytes: Uint8Array;
  /** The sequence is complete: the client leaves, what follows is nobody's. */
  readonly isDetached: boolean;
};

/**
 * Looks for the detach keys in what a client types. The beginning of a sequence is held back until it is
 * clear that it is none; then it goes through with what follows.
 */
export class DetachFilter {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  push(bytes: Uint8Array): Filtered {
    const held = this.#keys.slice(0, this.#matched);
    const input = concat(held, bytes);
    this.#matched = 0;
    for (let at = 0; at < input.length; at += 1) {
      const length = this.#matchAt(input, at);
      if (length === this.#keys.length) return { bytes: input.subarray(0, at), isDetached: true };
      if (length === input.length - at) {
        this.#matched = length;
        return { bytes: input.subarray(0, at), isDetached: false };
      }
    }
    return { bytes: input, isDetached: false };
  }

  /** How many keys match from here on, as far as there is input. */
  #matchAt(input: Uint8Array, at: number): number {
    let length = 0;
    while (
      length < this.#keys.length &&
      at + length < input.length &&
      input[at + length] === this.#keys[length]
    ) {
      length += 1;
    }
    return length;
  }
}

const concat = (head: Uint8Array, tail: Uint8Array): Uint8Array => {
  if (head.length === 0) return tail;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
};
