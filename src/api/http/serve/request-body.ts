import { EngineError } from '#domain/error/engine-error.ts';

import { iterate } from '#api/http/socket/byte-queue.ts';
import type { ByteReader } from '#api/http/socket/byte-queue.ts';

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** How long a client may take to send what it has announced. */
export type Patience = {
  /** For a whole body that is read as text. */
  readonly textMs: number;
  /** For the next bytes of a stream: a tar may come from a slow program, but it must move. */
  readonly silenceMs: number;
};

export const USUAL_PATIENCE: Patience = { textMs: 120_000, silenceMs: 600_000 };

type BodyHooks = {
  /** Lets a client that asked first go on sending (`Expect: 100-continue`). */
  readonly beforeFirstRead?: () => void;
  /** Ends the reader with this error. */
  readonly giveUp?: (error: EngineError) => void;
  readonly patience?: Patience;
};

/** The body of one request: read whole, as a stream, or skipped. */
export class RequestBody {
  readonly #reader: ByteReader;
  readonly #hooks: BodyHooks;
  #started = false;
  #whole: Promise<Buffer> | undefined;
  /** Read by `peek`, and not yet given to anybody. */
  #ahead: Uint8Array[] = [];
  /** Since when somebody waits: for the whole, or for the next bytes of a stream. */
  #waitingSince: number | undefined;

  constructor(reader: ByteReader, hooks: BodyHooks = {}) {
    this.#reader = reader;
    this.#hooks = hooks;
  }

  /** Somebody waits for a client that has stopped to send. */
  giveUpWhenSilent(): void {
    if (this.#waitingSince === undefined) return;
    const { textMs, silenceMs } = this.#hooks.patience ?? USUAL_PATIENCE;
    const limitMs = this.#whole === undefined ? silenceMs : textMs;
    if (performance.now() - this.#waitingSince > limitMs) this.#hooks.giveUp?.(silent());
  }

  async text(limitBytes: number = BODY_LIMIT_BYTES): Promise<string> {
    this.#whole ??= this.#readAll(limitBytes);
    return (await this.#whole).toString('utf8');
  }

  /** The whole body where it is as small as that; undefined, and nothing lost of it, where it is not. */
  async peek(limitBytes: number): Promise<string | undefined> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    while (size <= limitBytes) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      size += chunk.length;
      chunks.push(chunk);
    }
    if (size > limitBytes) {
      this.#ahead = chunks;
      return undefined;
    }
    const whole = Buffer.concat(chunks);
    this.#whole = Promise.resolve(whole);
    return whole.toString('utf8');
  }

  stream(): AsyncIterable<Uint8Array> {
    return this.#whole === undefined ? iterate({ read: () => this.#next() }) : onceRead(this.#whole);
  }

  /** Reads to the end of the body, so that what follows on the connection can be read. */
  async skip(): Promise<void> {
    while ((await this.#read()) !== undefined);
  }

  async #next(): Promise<Uint8Array | undefined> {
    this.#waitingSince = performance.now();
    try {
      return await this.#read();
    } finally {
      this.#waitingSince = undefined;
    }
  }

  #read(): Promise<Uint8Array | undefined> {
    if (!this.#started) {
      this.#started = true;
      this.#hooks.beforeFirstRead?.();
    }
    const ahead = this.#ahead.shift();
    return ahead === undefined ? this.#reader.read() : Promise.resolve(ahead);
  }

  async #readAll(limitBytes: number): Promise<Buffer> {
    this.#waitingSince = performance.now();
    try {
      return await this.#readChunks(limitBytes);
    } finally {
      this.#waitingSince = undefined;
    }
  }

  async #readChunks(limitBytes: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.#read(); chunk !== undefined; chunk = await this.#read()) {
      size += chunk.length;
      if (size > limitBytes) throw tooLarge(limitBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

/** A body that was needed as text before (a form) and is now asked for as a stream. */
async function* onceRead(whole: Promise<Uint8Array>): AsyncIterable<Uint8Array> {
  yield await whole;
}

/** Of a request without a body. */
export const emptyReader: ByteReader = { read: () => Promise.resolve(undefined) };

const tooLarge = (limitBytes: number): EngineError =>
  new EngineError('invalid', 'http.body-too-large', `the request body is larger than ${limitBytes} bytes`, {
    params: { limitBytes },
  });

const silent = (): EngineError =>
  new EngineError('invalid', 'http.body-silent', 'the request body has stopped coming');
