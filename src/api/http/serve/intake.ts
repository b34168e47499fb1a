import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A client's bytes are parsed for so long at a time before others have their turn. */
const BUDGET_MS = 5;
/** Bodies in tiny frames cost the parser a thousand times what others of their size do. */
const LARGEST_PIECE_BYTES = 64 * 1024;
const SMALLEST_PIECE_BYTES = 1024;
const SLOW_PIECE_MS = 1;
/** Node's listener for the client's half-close, which must not come before what the client has sent. */
const PARSER_END = 'bound socketOnEnd';
/** Of a head, and of a body that comes in frames. */
const MESSAGE_END = '\r\n\r\n';
/** So few bytes are one request, or a handful of the smallest ones. */
const FEW_BYTES = 512;

export type IntakeOptions = {
  /** Whether every request so far is answered. */
  readonly isIdle: () => boolean;
  /** Whether one more request may begin. */
  readonly mayBegin: () => boolean;
  /** The request that began last. */
  readonly latest: () => IncomingMessage | undefined;
};

/**
 * What a client sends, given to Node's parser request by request: by itself the parser makes requests of all that is
 * there, and a client that sends thousands without waiting would have them all at once. While no other may begin the
 * rest waits, and the socket is not read.
 *
 * Listening for `data` is the public way to keep the parser off the socket; the listeners that were there are its door.
 */
export class Intake {
  readonly #socket: Socket;
  readonly #options: IntakeOptions;
  readonly #parse: readonly ((bytes: Buffer) => unknown)[];
  readonly #parseEnd: readonly (() => unknown)[];
  readonly #hear = (bytes: Buffer): void => this.#push(bytes);
  readonly #goOn = (): void => this.goOn();
  readonly #hearEnd = (): void => {
    this.#hasEnded = true;
    this.goOn();
  };
  #rest: Buffer = Buffer.alloc(0);
  #begun: IncomingMessage | undefined;
  /** Of a body whose size is known. */
  #bodyLeft = 0;
  #largestPiece = LARGEST_PIECE_BYTES;
  #isBusy = false;
  #isPaused = false;
  #hasEnded = false;
  #isOver = false;

  constructor(socket: Socket, options: IntakeOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#parse = socket.listeners('data') as ((bytes: Buffer) => unknown)[];
    this.#parseEnd = (socket.listeners('end') as (() => unknown)[]).filter(({ name }) => name === PARSER_END);
    for (const parse of this.#parse) socket.removeListener('data', parse);
    for (const parse of this.#parseEnd) socket.removeListener('end', parse);
    // Node lets the socket go on for each body that is read, whatever else is there.
    const resume = socket.resume.bind(socket);
    socket.resume = () => (this.#isPaused ? socket : resume());
    socket.on('data', this.#hear);
    socket.once('end', this.#hearEnd);
    socket.on('drain', this.#goOn);
  }

  /** Parses what may be parsed. */
  goOn(): void {
    if (this.#isBusy || this.#isOver) return;
    this.#isBusy = true;
    try {
      this.#parseSome();
    } finally {
      this.#isBusy = false;
    }
    if (this.#isOver) return;
    this.#setPaused(this.#rest.length > 0);
    if (this.#hasEnded && this.#rest.length === 0) this.#finish();
  }

  /** No more is parsed; what was not yet is returned. */
  stop(): Buffer {
    const rest = this.#rest;
    this.#isOver = true;
    this.#rest = Buffer.alloc(0);
    this.#socket.removeListener('drain', this.#goOn);
    this.#socket.removeListener('data', this.#hear);
    this.#socket.removeListener('end', this.#hearEnd);
    this.#setPaused(false);
    // Its own, from the prototype.
    Reflect.deleteProperty(this.#socket, 'resume');
    return rest;
  }

  #push(bytes: Buffer): void {
    if (bytes.length <= FEW_BYTES && this.#isFree()) return this.#parseAtOnce(bytes);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.goOn();
  }

  /** Nothing waits, and nobody is served: what nearly every client finds. */
  #isFree(): boolean {
    return this.#rest.length === 0 && !this.#isBusy && !this.#isInBody() && this.#options.isIdle();
  }

  #parseAtOnce(bytes: Buffer): void {
    this.#isBusy = true;
    try {
      for (const parse of this.#parse) parse(bytes);
      this.#noteBegun();
      this.#bodyLeft = this.#isInBody() ? this.#bodyLeft - bodyIn(bytes) : 0;
    } finally {
      this.#isBusy = false;
    }
  }

  #parseSome(): void {
    let now = performance.now();
    const deadline = now + BUDGET_MS;
    while (this.#rest.length > 0 && (this.#isInBody() || this.#mayBegin())) {
      const end = Math.min(this.#pieceEnd(), this.#largestPiece, this.#rest.length);
      const piece = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
      this.#bodyLeft -= end;
      for (const parse of this.#parse) parse(piece);
      this.#noteBegun();
      const before = now;
      now = performance.now();
      this.#adapt(now - before);
      if (this.#rest.length === 0 || now < deadline) continue;
      setImmediate(this.#goOn);
      return;
    }
  }

  #adapt(pieceMs: number): void {
    const next = pieceMs > SLOW_PIECE_MS ? this.#largestPiece / 2 : this.#largestPiece * 2;
    this.#largestPiece = Math.min(Math.max(next, SMALLEST_PIECE_BYTES), LARGEST_PIECE_BYTES);
  }

  /** Node pauses its parser when the client does not read, which would refuse the rest of what is here. */
  #mayBegin(): boolean {
    return !this.#socket.writableNeedDrain && this.#options.mayBegin();
  }

  #isInBody(): boolean {
    return this.#begun !== undefined && !this.#begun.complete;
  }

  #noteBegun(): void {
    const latest = this.#options.latest();
    if (latest === this.#begun) return;
    this.#begun = latest;
    this.#bodyLeft = Number(latest?.headers['content-length'] ?? 0);
  }

  /** Where the next piece may end, so that at most one request begins in it. */
  #pieceEnd(): number {
    if (this.#bodyLeft > 0) return this.#bodyLeft;
    const end = this.#rest.subarray(0, this.#largestPiece).indexOf(MESSAGE_END);
    return end < 0 ? this.#largestPiece : end + MESSAGE_END.length;
  }

  #finish(): void {
    this.stop();
    for (const parse of this.#parseEnd) parse();
  }

  #setPaused(isPaused: boolean): void {
    const wasPaused = this.#isPaused;
    this.#isPaused = isPaused;
    if (isPaused) this.#socket.pause();
    else if (wasPaused) this.#socket.resume();
  }
}

/** Bytes behind the first head. */
const bodyIn = (bytes: Buffer): number => {
  const end = bytes.indexOf(MESSAGE_END);
  return end < 0 ? 0 : bytes.length - end - MESSAGE_END.length;
};
