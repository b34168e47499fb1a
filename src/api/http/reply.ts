/**
 * What a handler answers. Handlers never touch a socket: `api/http` turns a Reply into bytes.
 * Every stream is pulled with back-pressure and stopped (`return()` called) when the client goes.
 */
export type Headers = Readonly<Record<string, string>>;

export type Reply =
  | JsonReply
  | EmptyReply
  | TextReply
  | FramesReply
  | BytesReply
  | HijackReply
  | WebSocketReply;

/** A JSON document; `body` must be serialisable. `bigint` values are written as raw digits. */
export type JsonReply = {
  readonly kind: 'json';
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Headers;
};

/** No body at all (200, 201, 204, 304...). */
export type EmptyReply = {
  readonly kind: 'empty';
  readonly status: number;
  readonly headers?: Headers;
};

/** Text, as is. */
export type TextReply = {
  readonly kind: 'text';
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
  readonly headers?: Headers;
};

/**
 * A sequence of JSON objects, each written and flushed on its own.
 * `headers: 'at-once'` sends the head before the first object is awaited (events, wait, stats);
 * `'with-first'` waits for the first object, so that an error before it becomes an HTTP error
 * (pull); `'with-first-or-failure'` takes such an error for the first object (load). An error after the
 * head is turned into a last object by `onError`, or cuts the connection when there is none.
 */
export type FramesReply = {
  readonly kind: 'frames';
  readonly status: number;
  readonly contentType?: string;
  readonly start: 'at-once' | 'with-first' | 'with-first-or-failure';
  readonly frames: AsyncIterable<unknown>;
  /** Text after each object. Default `\r\n`. */
  readonly terminator?: string;
  /** Turns a failure after the head into a last object. */
  readonly onError?: (error: unknown) => unknown;
  readonly headers?: Headers;
};

/** Raw bytes, chunked, with back-pressure. Same meaning of `start` as for frames. */
export type BytesReply = {
  readonly kind: 'bytes';
  readonly status: number;
  readonly contentType?: string;
  readonly start: 'at-once' | 'with-first';
  readonly body: AsyncIterable<Uint8Array>;
  /** Turns a failure after the head into last bytes. */
  readonly onError?: (error: unknown) => Uint8Array;
  readonly headers?: Headers;
};

/**
 * The raw connection. The head (200 or 101, docker-routes.md 3.10) is written by `api/http`
 * depending on the request's `Upgrade` header (`headers` may replace `Upgrade: tcp`); then `serve`
 * owns the stream until it resolves, which ends it; a rejection cuts the connection. `serve` is called
 * in any case, with a stream that is already gone if the client is: let go of what you hold there.
 */
export type HijackReply = {
  readonly kind: 'hijack';
  readonly contentType: string;
  /** 101 also for a request without an `Upgrade` header. */
  readonly alwaysUpgrades?: boolean;
  readonly headers?: Headers;
  readonly serve: (stream: RawStream) => Promise<void>;
};

/** One client of an upgraded websocket. `serve` is called under the same terms as for a hijack. */
export type WebSocketReply = {
  readonly kind: 'websocket';
  readonly headers?: Headers;
  /** `text` for clients that know nothing else; bytes that are not UTF-8 go as binary all the same. */
  readonly frames: 'text' | 'binary';
  readonly serve: (stream: RawStream) => Promise<void>;
};

/** Both directions of a taken-over connection. */
export type RawStream = {
  /** Bytes from the client, early bytes included; ends at its half-close and when it is gone. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes are accepted (back-pressure); rejects once the client is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Bytes accepted by `write` but not yet taken by the kernel. */
  readonly pendingBytes: number;
  /** Half-close our side; resolves when all written bytes have left or the client is gone. */
  end(): Promise<void>;
  /** Aborts when the client's connection is gone (reset or fully closed, not half-closed). */
  readonly signal: AbortSignal;
};
