import type { Reply } from './reply.ts';

/** A request as the dialects see it: already split, not yet decoded. */
export type HttpRequest = {
  /** Unique per request; logged and sent back as `X-Request-Id`. */
  readonly id: string;
  readonly method: string;
  /** Percent-decoded path without the query; `%2F` is a slash like any other. */
  readonly path: string;
  /** Repeatable query parameters. Those of an urlencoded form body stand first, so `get` prefers them. */
  readonly query: URLSearchParams;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** True when there is a body (Content-Length > 0 or chunked). */
  readonly hasBody: boolean;
  /** The whole body; throws EngineError `invalid` past the limit (default 8 MiB). */
  text(limitBytes?: number): Promise<string>;
  /**
   * The body as a stream, for tar uploads. Stopping half-way leaves the rest in place; reading rejects
   * with EngineError `cancelled` when the client hangs up before the end of the body.
   */
  stream(): AsyncIterable<Uint8Array>;
  /**
   * Aborts when the client hangs up before the reply is complete. A client that only closes its
   * sending side has not hung up. Over TCP a client that closes cleanly and is not written to is
   * noticed only after about a minute.
   */
  readonly signal: AbortSignal;
  /** Subject of the client's certificate, if TLS with client certificates is on. */
  readonly peer?: string;
};

/** A dialect answers every request; it never throws. */
export type Dialect = (request: HttpRequest) => Promise<Reply>;
