import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import type { EngineError } from '#domain/error/engine-error.ts';
import { watchHalfClosed } from '#api/http/socket/half-closed.ts';

import { Exchange } from './exchange.ts';
import type { RequestBody } from './request-body.ts';

/** One client's connection and the requests on it that are not yet answered, oldest first. */
export class Connection {
  readonly socket: Socket;
  readonly #peer: string | undefined;
  readonly #exchanges = new Set<Exchange>();
  #isClosing = false;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#peer = peerOf(socket);
    socket.on('error', () => undefined); // `close` follows and says all we need
    socket.once('close', () => this.#lose());
    watchHalfClosed(socket);
  }

  /**
   * Takes a request in. The promise tells when those before it are answered: requests that a client
   * sends without waiting are served one after the other, as if it had waited.
   */
  open(
    message: IncomingMessage,
    body: RequestBody,
    onLost: (error: EngineError) => void,
  ): { exchange: Exchange; turn: Promise<void> | undefined } {
    const turn = [...this.#exchanges].at(-1)?.whenDone();
    const exchange = new Exchange({
      message,
      body,
      peer: this.#peer,
      onLost,
      onDone: (done) => this.#forget(done),
    });
    this.#exchanges.add(exchange);
    if (this.socket.destroyed) exchange.lose();
    return { exchange, turn };
  }

  /** Lets the requests in flight end, takes no more. */
  close(): void {
    this.#isClosing = true;
    if (this.#exchanges.size === 0) this.socket.destroy();
  }

  #forget(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.#isClosing && this.#exchanges.size === 0) this.socket.destroySoon();
  }

  /** Nothing that the client still sends can be understood. */
  abandon(): void {
    this.#lose();
  }

  #lose(): void {
    for (const exchange of this.#exchanges) exchange.lose();
  }
}

/** The subject of a verified client certificate, in the order in which it names its parts. */
function peerOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as Record<string, unknown> | undefined;
  if (subject === undefined) return undefined;
  return Object.entries(subject)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',');
}
