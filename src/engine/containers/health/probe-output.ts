const LIMIT_BYTES = 4096;

/** What a probe says, up to 4096 bytes. */
export class ProbeOutput {
  readonly #kept: Uint8Array[] = [];
  #room = LIMIT_BYTES;
  #isCut = false;

  take(bytes: Uint8Array): void {
    if (bytes.length > this.#room) this.#isCut = true;
    // The bytes are the sender's again once we return.
    if (this.#room > 0) this.#kept.push(bytes.slice(0, this.#room));
    this.#room = Math.max(0, this.#room - bytes.length);
  }

  get text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#kept)) + (this.#isCut ? '...' : '');
  }
}
