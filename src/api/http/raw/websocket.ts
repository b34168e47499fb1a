import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

import type { Headers, RawStream, WebSocketReply } from '#api/http/reply.ts';
import type { Exchange } from '#api/http/serve/exchange.ts';
import { gone, LostStream } from '#api/http/serve/lost-stream.ts';
import { ByteQueue, iterate } from '#api/http/socket/byte-queue.ts';
import { Gate } from '#lib/gate.ts';
import { CLOSE_GRACE_MS } from '#api/http/socket/close-gently.ts';

import type { Taken } from './hijack.ts';

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const HIGH_WATER_BYTES = 64 * 1024;
const NORMAL_CLOSURE = 1000;
const INTERNAL_ERROR = 1011;

/** Whether the request asks for a websocket. */
export const isWebSocketRequest = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** Answers with a websocket and resolves when both sides are done with it. */
export async function serveWebSocket(taken: Taken, reply: WebSocketReply): Promise<void> {
  const { exchange, connection } = taken;
  const socket = shake(taken, reply.headers ?? {});
  if (socket === undefined) {
    await reply.serve(new LostStream());
    return;
  }
  exchange.status = 101;
  const stream = new WebSocketStream(socket, reply.frames, exchange);
  connection.socket.resume();
  try {
    await reply.serve(stream);
    await stream.end();
  } catch (error) {
    if (!exchange.isLost) exchange.error = error;
    await stream.end(INTERNAL_ERROR);
  }
}

/** The opening handshake; undefined if it failed (the client is told why) or nobody is there. */
function shake({ connection, exchange, message, queue }: Taken, headers: Headers): WebSocket | undefined {
  const { socket } = connection;
  if (exchange.isLost || queue.isEnded) {
    socket.destroy();
    return undefined;
  }
  // One server each: it holds nothing but the options, and its `headers` event is this request's.
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  server.on('headers', (lines: string[]) => {
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  });
  socket.pause();
  socket.removeAllListeners('data');
  let accepted: WebSocket | undefined;
  exchange.status = 400;
  server.handleUpgrade(message, socket, queue.takeAll(), (opened) => {
    accepted = opened;
  });
  return accepted;
}

class WebSocketStream implements RawStream {
  readonly input: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  readonly #socket: WebSocket;
  readonly #frames: WebSocketReply['frames'];
  readonly #exchange: Exchange;
  readonly #closed = new Gate();
  #lastSent: Promise<boolean> | undefined;
  #end: Promise<void> | undefined;

  constructor(socket: WebSocket, frames: WebSocketReply['frames'], exchange: Exchange) {
    this.#socket = socket;
    this.#frames = frames;
    this.#exchange = exchange;
    this.signal = exchange.signal;
    const queue = new ByteQueue(socket);
    this.input = iterate(queue);
    socket.on('message', (data: Buffer) => queue.push(data));
    socket.on('error', () => undefined); // `close` follows
    socket.once('close', () => {
      queue.end();
      exchange.lose();
      this.#closed.open();
    });
  }

  get pendingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#end !== undefined) throw gone();
    this.#exchange.bytes += bytes.length;
    const binary = this.#frames === 'binary' || !isUtf8(bytes);
    this.#lastSent = new Promise((resolve) => {
      this.#socket.send(bytes, { binary }, (error) => resolve(error === undefined || error === null));
    });
    if (this.#socket.bufferedAmount < HIGH_WATER_BYTES) return;
    if ((await this.#closed.race(this.#lastSent)) !== true) throw gone();
  }

  end(code: number = NORMAL_CLOSURE): Promise<void> {
    this.#end ??= this.#sayGoodbye(code);
    return this.#end;
  }

  /** Waits for the client's goodbye; a client that has got all and says none is cut after the grace. */
  async #sayGoodbye(code: number): Promise<void> {
    if (this.#lastSent !== undefined) await this.#closed.race(this.#lastSent);
    this.#socket.close(code);
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS);
    timer.unref();
    await this.#closed.wait();
    clearTimeout(timer);
  }
}
