import type { IncomingMessage } from 'node:http';

import { EngineError } from '#domain/error/engine-error.ts';
import type { ByteQueue, ByteReader } from '#api/http/socket/byte-queue.ts';

const LINE_LIMIT_BYTES = 16 * 1024;

/** The body of a request whose connection was taken from the parser: ends where the raw bytes begin. */
export function readFramedBody(queue: ByteQueue, { headers }: IncomingMessage): ByteReader {
  if (headers['transfer-encoding'] !== undefined) return new ChunkedBody(queue);
  return new SizedBody(queue, Number(headers['content-length'] ?? 0));
}

/** Exactly so many bytes; what comes behind them goes back into the queue. */
class SizedBody implements ByteReader {
  readonly #queue: ByteQueue;
  #left: number;

  constructor(queue: ByteQueue, size: number) {
    this.#queue = queue;
    this.#left = size;
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#left === 0) return undefined;
    const chunk = (await this.#queue.read()) ?? cutShort();
    const part = chunk.subarray(0, this.#left);
    this.#queue.unshift(chunk.subarray(part.length));
    this.#left -= part.length;
    return part;
  }
}

/** `Transfer-Encoding: chunked`, with extensions and trailers ignored. */
class ChunkedBody implements ByteReader {
  readonly #queue: ByteQueue;
  #chunk: SizedBody | undefined;
  #isDone = false;

  constructor(queue: ByteQueue) {
    this.#queue = queue;
  }

  async read(): Promise<Uint8Array | undefined> {
    while (!this.#isDone) {
      const bytes = await this.#chunk?.read();
      if (bytes !== undefined) return bytes;
      // The line end behind a chunk's bytes, absent before the first.
      if (this.#chunk !== undefined && (await this.#line()) !== '') throw badFraming();
      await this.#next();
    }
    return undefined;
  }

  async #next(): Promise<void> {
    const digits = /^([0-9a-f]{1,12})[ \t]*(;|$)/i.exec(await this.#line())?.[1];
    if (digits === undefined) throw badFraming();
    this.#chunk = new SizedBody(this.#queue, Number.parseInt(digits, 16));
    if (/[^0]/.test(digits)) return;
    while ((await this.#line()) !== ''); // trailers
    this.#isDone = true;
  }

  async #line(): Promise<string> {
    let line = '';
    while (line.length <= LINE_LIMIT_BYTES) {
      const chunk = (await this.#queue.read()) ?? cutShort();
      const end = chunk.indexOf(0x0a);
      line += Buffer.from(end < 0 ? chunk : chunk.subarray(0, end)).toString('latin1');
      if (end < 0) continue;
      this.#queue.unshift(chunk.subarray(end + 1));
      return line.endsWith('\r') ? line.slice(0, -1) : line;
    }
    throw badFraming();
  }
}

const cutShort = (): never => {
  throw new EngineError('invalid', 'http.body-cut-short', 'the request body ended too early');
};

const badFraming = (): EngineError =>
  new EngineError('invalid', 'http.bad-chunk', 'the chunked request body is malformed');
