import type { Socket } from 'node:net';

import type { RawStream } from '#api/http/reply.ts';
import type { Exchange } from '#api/http/serve/exchange.ts';
import { gone } from '#api/http/serve/lost-stream.ts';
import { iterate } from '#api/http/socket/byte-queue.ts';
import type { ByteReader } from '#api/http/socket/byte-queue.ts';

/** A taken-over socket as its handler sees it. Works on a socket that is already gone, too. */
export class SocketStream implements RawStream {
  readonly input: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  readonly #socket: Socket;
  readonly #exchange: Exchange;
  #room: Promise<void> | undefined;
  /** What the first bytes wait for. */
  #ready: (() => Promise<void> | undefined) | undefined;
  #opening: Promise<void> | undefined;
  #end: Promise<void> | undefined;

  constructor(socket: Socket, input: ByteReader, exchange: Exchange, ready: () => Promise<void> | undefined) {
    this.#socket = socket;
    this.#exchange = exchange;
    this.input = iterate(input);
    this.signal = exchange.signal;
    this.#ready = ready;
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const opening = this.#open();
    if (opening !== undefined) await opening;
    if (this.#exchange.isLost || this.#end !== undefined) throw gone();
    this.#exchange.bytes += bytes.length;
    if (!this.#socket.write(bytes)) await this.#waitForRoom();
  }

  /** Writers that wait do so together, and go on in their order. */
  #open(): Promise<void> | undefined {
    if (this.#ready === undefined) return this.#opening;
    const ready = this.#ready();
    this.#ready = undefined;
    this.#opening = ready?.finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  end(): Promise<void> {
    this.#end ??= new Promise((resolve) => {
      const forget = this.#exchange.onLost(resolve);
      this.#socket.end(() => {
        forget();
        resolve();
      });
    });
    return this.#end;
  }

  /** One promise for all writers that wait, so that many of them cost one listener. */
  #waitForRoom(): Promise<void> {
    this.#room ??= new Promise((resolve, reject) => {
      const forget = this.#exchange.onLost(() => reject(gone()));
      this.#socket.once('drain', () => {
        this.#room = undefined;
        forget();
        resolve();
      });
    });
    return this.#room;
  }
}
