import { ServerResponse } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import type { Reply } from '#api/http/reply.ts';
import type { Connection } from '#api/http/serve/connection.ts';
import { RequestBody } from '#api/http/serve/request-body.ts';
import { sendReply } from '#api/http/serve/send-reply.ts';
import { ask, conclude } from '#api/http/serve/serving.ts';
import type { Serving } from '#api/http/serve/serving.ts';
import { ByteQueue } from '#api/http/socket/byte-queue.ts';
import { closeGently } from '#api/http/socket/close-gently.ts';

import { readFramedBody } from './framed-body.ts';
import { hijack } from './hijack.ts';
import type { Taken } from './hijack.ts';
import { isWebSocketRequest, serveWebSocket } from './websocket.ts';

/**
 * Serves the last request of a connection that was taken from the parser: with the connection
 * itself, or with an ordinary reply after which the connection closes. Rejects when a hook of the
 * listener fails.
 */
export async function serveTaken(
  serving: Serving,
  connection: Connection,
  message: IncomingMessage,
  head: Uint8Array,
): Promise<void> {
  const { socket } = connection;
  const queue = queueOf(socket, head);
  const body = new RequestBody(readFramedBody(queue, message), {
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
  try {
    if (!exchange.isLost) await deliver(serving, taken, await ask(serving, exchange));
  } finally {
    conclude(serving, exchange);
    queue.discard();
  }
  await closeGently(socket);
}

async function deliver(serving: Serving, taken: Taken, reply: Reply): Promise<void> {
  if (reply.kind === 'hijack') return hijack(taken, reply);
  if (reply.kind === 'websocket' && isWebSocketRequest(taken.message)) return serveWebSocket(taken, reply);
  return sendByHand(serving, taken, reply);
}

/** Node has no response for a request that it took for an upgrade: this makes one. */
async function sendByHand(serving: Serving, taken: Taken, reply: Reply): Promise<void> {
  const { connection, exchange, message } = taken;
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.assignSocket(connection.socket);
  await sendReply(serving, exchange, response, reply);
  response.detachSocket(connection.socket);
}

function queueOf(socket: Socket, head: Uint8Array): ByteQueue {
  const queue = new ByteQueue(socket);
  queue.push(head);
  if (socket.readableEnded) queue.end(); // while its last request waited for those before
  socket.on('data', (chunk: Uint8Array) => queue.push(chunk));
  socket.once('end', () => queue.end());
  socket.once('close', () => queue.end());
  return queue;
}

function sendContinue(socket: Socket, { headers }: IncomingMessage): void {
  if (headers.expect?.toLowerCase() === '100-continue') socket.write('HTTP/1.1 100 Continue\r\n\r\n');
}
