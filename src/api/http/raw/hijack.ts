import { validateHeaderValue } from 'node:http';
import type { IncomingMessage } from 'node:http';

import type { HijackReply } from '#api/http/reply.ts';
import type { Connection } from '#api/http/serve/connection.ts';
import type { Exchange } from '#api/http/serve/exchange.ts';
import type { RequestBody } from '#api/http/serve/request-body.ts';
import type { ByteQueue, ByteReader } from '#api/http/socket/byte-queue.ts';

import { SocketStream } from './socket-stream.ts';
import { whenRead } from './when-read.ts';
import type { UnreadBytes } from './when-read.ts';

export type Taken = {
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly message: IncomingMessage;
  readonly body: RequestBody;
  /** All bytes behind the request's head. */
  readonly queue: ByteQueue;
  readonly unreadBytes: UnreadBytes;
};

/** Answers with the connection itself and resolves when both sides are done with it. */
export async function hijack(taken: Taken, reply: HijackReply): Promise<void> {
  const { connection, exchange, message, body, queue, unreadBytes } = taken;
  const { socket } = connection;
  const upgrades = reply.alwaysUpgrades === true || message.headers.upgrade !== undefined;
  const head = headOf(reply, upgrades);
  if (!exchange.isLost) {
    exchange.status = upgrades ? 101 : 200;
    socket.write(head);
  }
  // A socket that is already gone does as well: its stream has ended and refuses to be written.
  const stream = new SocketStream(socket, behindBody(body, queue), exchange, () =>
    whenRead(socket, unreadBytes, () => exchange.isLost),
  );
  try {
    await reply.serve(stream);
  } catch (error) {
    if (!exchange.isLost) exchange.error = error;
    socket.destroy();
    return;
  }
  queue.discard();
  await stream.end();
}

/**
 * These bytes and no others: clients of the raw protocol look for them. A `headers` entry of
 * the reply replaces one of ours.
 */
function headOf(reply: HijackReply, upgrades: boolean): string {
  const upgrade = upgrades ? { Connection: 'Upgrade', Upgrade: 'tcp' } : {};
  const headers = { 'Content-Type': reply.contentType, ...upgrade, ...reply.headers };
  const lines = [upgrades ? 'HTTP/1.1 101 UPGRADED' : 'HTTP/1.1 200 OK'];
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderValue(name, value);
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** What a handler left of the request's body is no input. */
function behindBody(body: RequestBody, queue: ByteQueue): ByteReader {
  let skipped: Promise<void> | undefined;
  return {
    async read() {
      skipped ??= body.skip();
      try {
        await skipped;
      } catch {
        return undefined; // the body never ended, so nothing can be behind it
      }
      return queue.read();
    },
  };
}
