/** The longest line that is sent as one message, as in Docker. */
const LIMIT_BYTES = 16 * 1024;

/** Cuts bytes of one stream into lines without their ends. */
export class LineSplitter {
  #begun: Buffer = Buffer.alloc(0);

  *take(bytes: Uint8Array): Generator<string> {
    let rest = Buffer.concat([this.#begun, bytes]);
    for (;;) {
      const end = rest.indexOf(0x0a);
      if (end < 0 && rest.length < LIMIT_BYTES) break;
      const length = end < 0 || end > LIMIT_BYTES ? LIMIT_BYTES : end;
      yield textOf(rest.subarray(0, length));
      rest = rest.subarray(length === end ? length + 1 : length);
    }
    this.#begun = Buffer.from(rest);
  }

  /** The last line, where it has no end. */
  *finish(): Generator<string> {
    if (this.#begun.length > 0) yield textOf(this.#begun);
    this.#begun = Buffer.alloc(0);
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString().replace(/\r$/u, '');
