import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import type { EngineError } from '#domain/error/engine-error.ts';
import { probe, watchHalfClosed } from '#api/http/socket/half-closed.ts';

import { Exchange } from './exchange.ts';
import { Intake } from './intake.ts';
import type { RequestBody } from './request-body.ts';
import type { Turns } from './turns.ts';

/** Of one connection: one that is served, and those that wait for it. */
const MOST_OPEN = 8;
/** Clients that read no answer before they have sent everything get it behind that much, and this long a pause. */
const MOST_DROPPED_BYTES = 256 * 1024 * 1024;
const DROP_SILENCE_MS = 30_000;

/** One client's connection and the requests on it that are not yet answered, oldest first. */
export class Connection {
  readonly socket: Socket;
  readonly #peer: string | undefined;
  readonly #exchanges = new Set<Exchange>();
  readonly #turns: Turns;
  readonly #intake: Intake;
  readonly #onClose = (): void => this.#lose();
  readonly #unwatch: () => void;
  #latest:
    | { readonly exchange: Exchange; readonly message: IncomingMessage; readonly body: RequestBody }
    | undefined;
  /** When the last bytes came that nobody reads. */
  #dropsSince: number | undefined;
  #isClosing = false;

  constructor(socket: Socket, turns: Turns) {
    this.socket = socket;
    this.#turns = turns;
    this.#intake = new Intake(socket, {
      isIdle: () => this.#exchanges.size === 0 && !this.#isClosing,
      mayBegin: () => !this.#isClosing && this.#exchanges.size < MOST_OPEN,
      latest: () => this.#latest?.message,
    });
    this.#peer = peerOf(socket);
    socket.on('error', ignore);
    socket.once('close', this.#onClose);
    this.#unwatch = watchHalfClosed(socket);
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
    const before = this.#latest?.exchange;
    const exchange = new Exchange({
      message,
      body,
      peer: this.#peer,
      onLost,
      onDone: (done) => this.#forget(done),
    });
    this.#exchanges.add(exchange);
    this.#latest = { exchange, message, body };
    if (this.socket.destroyed) exchange.lose();
    const mustWait = before !== undefined && this.#exchanges.has(before);
    return { exchange, turn: mustWait ? this.#after(before) : undefined };
  }

  async #after(before: Exchange): Promise<void> {
    await before.whenDone();
    await this.nextTurn();
  }

  /** The connection is no longer the parser's. What the client has sent behind the last head is returned. */
  takeOver(head: Buffer): Buffer {
    const rest = this.#intake.stop();
    return rest.length === 0 ? head : Buffer.concat([head, rest]);
  }

  /** Resolves when the sockets of others have been looked at: a client's requests must not follow each other at once. */
  nextTurn(): Promise<void> {
    return this.#turns.take();
  }

  /** Whether another request may follow on the socket. */
  get isOpen(): boolean {
    return !this.#isClosing && !this.socket.destroyed && !this.socket.readableEnded && this.socket.writable;
  }

  /** Lets go of the socket, for another connection over it. */
  release(): void {
    this.#intake.stop();
    this.#unwatch();
    this.socket.removeListener('close', this.#onClose);
    this.socket.removeListener('error', ignore);
  }

  /** Reads on to the next request behind a body that nobody wanted whole, as long as it comes and does not go on for ever. */
  dropRestOf(message: IncomingMessage): void {
    if (message.complete || this.socket.destroyed) return;
    let left = MOST_DROPPED_BYTES;
    this.#dropsSince = performance.now();
    message.on('data', ({ length }: Uint8Array) => {
      left -= length;
      this.#dropsSince = performance.now();
      if (left < 0) this.socket.destroy();
    });
    message.once('end', () => (this.#dropsSince = undefined));
  }

  /** Looks whether the client is still there and still sends what it began to send. */
  check(): void {
    if (this.#dropsSince !== undefined && performance.now() - this.#dropsSince > DROP_SILENCE_MS)
      this.socket.destroy();
    if (this.#exchanges.size === 0) return;
    this.#latest?.body.giveUpWhenSilent();
    // Nobody hears of the end of a socket that is not read.
    if (this.socket.isPaused()) probe(this.socket);
  }

  /** Whether it is being asked something, or was taken over. */
  get isBusy(): boolean {
    return this.#exchanges.size > 0;
  }

  /** Lets the requests in flight end, takes no more. */
  close(): void {
    this.#isClosing = true;
    if (this.#exchanges.size === 0) this.socket.destroy();
  }

  #forget(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.#isClosing && this.#exchanges.size === 0) this.socket.destroySoon();
    else this.#intake.goOn();
  }

  /** Nothing that the client still sends can be understood. */
  abandon(): void {
    this.#intake.stop();
    this.#lose();
  }

  #lose(): void {
    for (const exchange of this.#exchanges) exchange.lose();
  }
}

/** `close` follows and says all we need. */
const ignore = (): void => undefined;

/** The subject of a verified client certificate, in the order in which it names its parts. */
function peerOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as Record<string, unknown> | undefined;
  if (subject === undefined) return undefined;
  return Object.entries(subject)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',');
}
