import type { Headers, Reply } from '#api/http/reply.ts';
import type { Dialect, HttpRequest } from '#api/http/request.ts';
import type { UnreadBytes } from '#api/http/raw/when-read.ts';
import { isEngineError } from '#domain/error/engine-error.ts';

import type { Exchange } from './exchange.ts';
import type { Patience } from './request-body.ts';

/** What became of a request, told once it is over. */
export type RequestEvent = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** 499 when the client hung up before there was an answer. */
  readonly status: number;
  readonly ms: number;
  /** Bytes of the answer's body, or of everything sent on a taken-over connection. */
  readonly bytes: number;
  /** A failure that the client was not told, or only by a cut connection. */
  readonly error?: unknown;
};

/** How one listener answers. */
export type Serving = {
  readonly dialect: Dialect;
  /** Whether a request to this (decoded) path may be answered by a hijack. */
  readonly mayHijack: (method: string, path: string) => boolean;
  /** Headers of every reply that is not a hijack; those of the reply win. */
  readonly headers: (request: HttpRequest) => Headers;
  /** The answer to a request that no dialect could see, and to a failed or impossible reply. */
  readonly failure: (error: unknown, request: HttpRequest) => Reply;
  readonly onRequest: (event: RequestEvent) => void;
  readonly unreadBytes: UnreadBytes;
  readonly patience: Patience;
};

/** Plain text: what is wrong with the request, or just that we failed. */
export const plainFailure = (error: unknown): Reply =>
  isEngineError(error, 'invalid')
    ? { kind: 'text', status: 400, body: `${error.message}\n` }
    : { kind: 'text', status: 500, body: 'internal error\n' };

/** Asks the dialect. Never throws. */
export async function ask(serving: Serving, exchange: Exchange): Promise<Reply> {
  try {
    if (exchange.problem !== undefined) throw exchange.problem;
    await exchange.readForm();
    return await serving.dialect(exchange);
  } catch (error) {
    if (!isEngineError(error)) exchange.error = error;
    return serving.failure(error, exchange);
  }
}

/** Closes the books of a request. */
export function conclude(serving: Serving, exchange: Exchange): void {
  exchange.complete();
  serving.onRequest({
    id: exchange.id,
    method: exchange.method,
    path: exchange.path,
    status: exchange.status === 0 ? 499 : exchange.status,
    ms: performance.now() - exchange.startedAt,
    bytes: exchange.bytes,
    ...(exchange.error === undefined ? {} : { error: exchange.error }),
  });
}
