import type { IncomingMessage, ServerResponse } from 'node:http';

import { ByteQueue } from '#api/http/socket/byte-queue.ts';

import type { Connection } from './connection.ts';
import { announcesBody } from './exchange.ts';
import { emptyReader, RequestBody } from './request-body.ts';
import { sendReply } from './send-reply.ts';
import { ask, conclude } from './serving.ts';
import type { Serving } from './serving.ts';

/** What Node gives for one request. */
type Pair = {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** The client sends its body only when told to. */
  readonly expectsContinue: boolean;
};

/** Serves one request whose connection stays with Node's parser. Rejects when a hook of the listener fails. */
export async function serveOrdinary(serving: Serving, connection: Connection, pair: Pair): Promise<void> {
  const { message, response, expectsContinue } = pair;
  const queue = announcesBody(message) ? queueOf(message) : undefined;
  const body = new RequestBody(queue ?? emptyReader, {
    beforeFirstRead: () => {
      if (expectsContinue && !response.headersSent) response.writeContinue();
    },
    giveUp: (error) => {
      response.shouldKeepAlive = false;
      queue?.end(error);
    },
    patience: serving.patience,
  });
  const { exchange, turn } = connection.open(message, body, (error) => queue?.end(error));
  await turn;
  try {
    if (!exchange.isLost) await sendReply(serving, exchange, response, await ask(serving, exchange));
  } finally {
    conclude(serving, exchange);
    queue?.discard();
    if (queue !== undefined) connection.dropRestOf(message);
  }
}

function queueOf(message: IncomingMessage): ByteQueue {
  const queue = new ByteQueue(message);
  message.on('data', (chunk: Uint8Array) => queue.push(chunk));
  message.once('end', () => queue.end());
  message.on('error', () => undefined); // the exchange hears of it from the connection
  return queue;
}
