import { ServerResponse } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import type { Reply } from '#api/http/reply.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { Connection } from '#api/http/serve/connection.ts';
import { RequestBody } from '#api/http/serve/request-body.ts';
import { sendReply } from '#api/http/serve/send-reply.ts';
import { ask, conclude } from '#api/http/serve/serving.ts';
import type { Serving } from '#api/http/serve/serving.ts';
import { ByteQueue } from '#api/http/socket/byte-queue.ts';
import type { ByteReader } from '#api/http/socket/byte-queue.ts';
import { closeGently } from '#api/http/socket/close-gently.ts';

import { readFramedBody } from './framed-body.ts';
import { hijack } from './hijack.ts';
import type { Taken } from './hijack.ts';
import { isWebSocketRequest, serveWebSocket } from './websocket.ts';

/** Of a body that nobody wanted, before another request: so much of it, and so long. */
const MOST_DROPPED_BYTES = 1024 * 1024;
const DROP_PATIENCE_MS = 5000;

/**
 * Serves a request whose connection was taken from the parser: with the connection itself, or with an ordinary reply,
 * after which `giveBack` gets the connection for further requests, with what has come of them. Rejects when a hook of the
 * listener fails.
 */
export async function serveTaken(
  serving: Serving,
  connection: Connection,
  message: IncomingMessage,
  { head, giveBack }: { readonly head: Uint8Array; readonly giveBack: (rest: Uint8Array) => void },
): Promise<void> {
  const { socket } = connection;
  const { queue, stop } = queueOf(socket, head);
  const reader = readFramedBody(queue, message);
  const body = new RequestBody(reader, {
    // Behind the head of an answer it would be a part of that answer.
    beforeFirstRead: () => {
      if (exchange.status === 0) sendContinue(socket, message);
    },
    giveUp: () => queue.end(),
    patience: serving.patience,
  });
  const { exchange, turn } = connection.open(message, body, () => queue.end());
  await turn;
  socket.setTimeout(0); // of a kept-alive connection: this one may be silent as long as it likes
  const taken = { connection, exchange, message, body, queue, unreadBytes: serving.unreadBytes };
  let mayGoOn = false;
  try {
    if (!exchange.isLost) mayGoOn = await deliver(serving, taken, await ask(serving, exchange));
    mayGoOn = mayGoOn && connection.isOpen && (await isDrained(reader, queue));
  } finally {
    conclude(serving, exchange);
    if (!mayGoOn) queue.discard();
  }
  if (mayGoOn) await connection.nextTurn();
  // The client may have gone, or we may be closing, since.
  if (!mayGoOn || !connection.isOpen) return closeGently(socket);
  stop();
  connection.release();
  giveBack(queue.takeAll());
}

/** Whether another request may follow. */
async function deliver(serving: Serving, taken: Taken, reply: Reply): Promise<boolean> {
  if (reply.kind === 'hijack') {
    await hijack(taken, reply);
    return false;
  }
  if (reply.kind === 'websocket' && isWebSocketRequest(taken.message)) {
    await serveWebSocket(taken, reply);
    return false;
  }
  return sendByHand(serving, taken, reply);
}

/** Node has no response for a request that it took for an upgrade: this makes one. */
async function sendByHand(serving: Serving, taken: Taken, reply: Reply): Promise<boolean> {
  const { connection, exchange, message } = taken;
  const response = new ServerResponse(message);
  response.shouldKeepAlive = wantsMore(message) && connection.isOpen;
  response.assignSocket(connection.socket);
  await sendReply(serving, exchange, response, reply);
  response.detachSocket(connection.socket);
  return response.shouldKeepAlive && response.writableFinished;
}

/** What no other header said, HTTP/1.1 meant to go on; a websocket's client never asks for anything else. */
const wantsMore = (message: IncomingMessage): boolean =>
  message.httpVersionMajor === 1 &&
  message.httpVersionMinor >= 1 &&
  !/\bclose\b/i.test(message.headers.connection ?? '') &&
  !isWebSocketRequest(message);

/** Reads what there is left of a body; false when that is too much, takes too long or breaks off. */
async function isDrained(reader: ByteReader, queue: ByteQueue): Promise<boolean> {
  const timer = setTimeout(() => queue.end(), DROP_PATIENCE_MS);
  try {
    for (let left = MOST_DROPPED_BYTES; left > 0;) {
      const chunk = await reader.read();
      if (chunk === undefined) return !queue.isEnded;
      left -= chunk.length;
    }
    return false;
  } catch (error) {
    if (isEngineError(error)) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What comes over the socket until `stop`. */
function queueOf(socket: Socket, head: Uint8Array): { queue: ByteQueue; stop: () => void } {
  const queue = new ByteQueue(socket);
  queue.push(head);
  if (socket.readableEnded) queue.end(); // while its last request waited for those before
  const push = (chunk: Uint8Array): void => queue.push(chunk);
  const end = (): void => queue.end();
  socket.on('data', push);
  socket.once('end', end);
  socket.once('close', end);
  const stop = (): void => {
    socket.removeListener('data', push);
    socket.removeListener('end', end);
    socket.removeListener('close', end);
  };
  return { queue, stop };
}

function sendContinue(socket: Socket, { headers }: IncomingMessage): void {
  if (headers.expect?.toLowerCase() === '100-continue') socket.write('HTTP/1.1 100 Continue\r\n\r\n');
}
