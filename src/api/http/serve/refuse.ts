import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { closeGently } from '#api/http/socket/close-gently.ts';

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Nobody is there, or left in the middle of a request. */
const LOST: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'HPE_INVALID_EOF_STATE']);

/** Answers what is not HTTP, as far as that is possible, and closes. */
export function refuseMalformed(error: Error & { code?: string; reason?: string }, socket: Duplex): void {
  if (LOST.has(error.code ?? '') || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF[error.code ?? ''] ?? 400;
  refuse(socket, status, error.reason ?? error.message);
}

/** No proxy is here. */
export const refuseConnect = (socket: Duplex): void => refuse(socket, 400, 'CONNECT is not served');

function refuse(socket: Duplex, status: number, why: string): void {
  const title = `${status} ${STATUS_CODES[status]}`;
  const text = `${title}: ${why}\n`;
  socket.on('error', () => undefined); // `close` follows
  socket.write(
    [
      `HTTP/1.1 ${title}`,
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(text)}`,
      'Connection: close',
      '',
      text,
    ].join('\r\n'),
  );
  void closeGently(socket);
}

/** Half an answer is out already: ours must not get into the middle of it. */
function isAnswering(socket: Duplex): boolean {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return typeof response === 'object' && response !== null && Reflect.get(response, 'headersSent') === true;
}
