import { EngineError } from '#domain/error/engine-error.ts';

import { iterate } from '#api/http/socket/byte-queue.ts';
import type { ByteReader } from '#api/http/socket/byte-queue.ts';

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** The body of one request: read whole, as a stream, or skipped. */
export class RequestBody {
  readonly #reader: ByteReader;
  readonly #beforeFirstRead: () => void;
  #started = false;
  #whole: Promise<string> | undefined;

  /** `beforeFirstRead` lets a client that asked first go on sending (`Expect: 100-continue`). */
  constructor(reader: ByteReader, beforeFirstRead: () => void = () => undefined) {
    this.#reader = reader;
    this.#beforeFirstRead = beforeFirstRead;
  }

  text(limitBytes: number = BODY_LIMIT_BYTES): Promise<string> {
    this.#whole ??= this.#readAll(limitBytes);
    return this.#whole;
  }

  stream(): AsyncIterable<Uint8Array> {
    return this.#whole === undefined ? iterate({ read: () => this.#read() }) : onceRead(this.#whole);
  }

  /** Reads to the end of the body, so that what follows on the connection can be read. */
  async skip(): Promise<void> {
    while ((await this.#read()) !== undefined);
  }

  #read(): Promise<Uint8Array | undefined> {
    if (!this.#started) {
      this.#started = true;
      this.#beforeFirstRead();
    }
    return this.#reader.read();
  }

  async #readAll(limitBytes: number): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.#read(); chunk !== undefined; chunk = await this.#read()) {
      size += chunk.length;
      if (size > limitBytes) throw tooLarge(limitBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

/** A body that was needed as text before (a form) and is now asked for as a stream. */
async function* onceRead(whole: Promise<string>): AsyncIterable<Uint8Array> {
  yield Buffer.from(await whole, 'utf8');
}

/** Of a request without a body. */
export const emptyReader: ByteReader = { read: () => Promise.resolve(undefined) };

const tooLarge = (limitBytes: number): EngineError =>
  new EngineError('invalid', 'http.body-too-large', `the request body is larger than ${limitBytes} bytes`, {
    params: { limitBytes },
  });
