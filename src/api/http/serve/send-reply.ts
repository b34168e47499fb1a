import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';

import type {
  BytesReply,
  FramesReply,
  Headers,
  HijackReply,
  Reply,
  WebSocketReply,
} from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';

import type { Exchange } from './exchange.ts';
import { toJsonText } from './json-text.ts';
import { LostStream } from './lost-stream.ts';
import { pump, stop } from './pump.ts';
import type { Serving } from './serving.ts';

type Out = { readonly exchange: Exchange; readonly response: ServerResponse; readonly defaults: Headers };

type Head = { readonly status: number; readonly headers?: Headers; readonly type?: string };

const TEXT = 'text/plain; charset=utf-8';

/**
 * Writes an ordinary reply and resolves when its last byte is with the kernel or the client has
 * gone. What fails before the head becomes the listener's failure reply; after it, the connection
 * is cut, so that the client cannot take half an answer for a whole one.
 */
export async function sendReply(
  serving: Serving,
  exchange: Exchange,
  response: ServerResponse,
  reply: Reply,
): Promise<void> {
  if (exchange.isLost) return drop(reply);
  response.on('error', () => undefined); // told by the exchange
  const out = { exchange, response, defaults: defaultsOf(serving, exchange) };
  try {
    await send(out, reply);
  } catch (error) {
    if (exchange.isLost) return;
    exchange.error = error;
    if (response.headersSent || !(await sendFailure(serving, out, error))) response.socket?.destroy();
  }
}

/** Lets go of what a reply holds that nobody will get. */
async function drop(reply: Reply): Promise<void> {
  if (reply.kind === 'frames') void stop(reply.frames[Symbol.asyncIterator]());
  if (reply.kind === 'bytes') void stop(reply.body[Symbol.asyncIterator]());
  if (reply.kind === 'hijack' || reply.kind === 'websocket') await reply.serve(new LostStream());
}

/** False when not even that can be sent. */
async function sendFailure(serving: Serving, out: Out, error: unknown): Promise<boolean> {
  for (const name of out.response.getHeaderNames()) out.response.removeHeader(name);
  try {
    await send(out, serving.failure(error, out.exchange));
    return true;
  } catch (again) {
    out.exchange.error = again;
    return false;
  }
}

function send(out: Out, reply: Reply): Promise<void> {
  switch (reply.kind) {
    case 'json':
      return sendWhole(out, { type: 'application/json', ...reply }, `${toJsonText(reply.body)}\n`);
    case 'text':
      return sendWhole(out, { type: reply.contentType ?? TEXT, ...reply }, reply.body);
    case 'empty':
      return sendWhole(out, reply, '');
    case 'bytes':
      return sendStream(out, reply, reply.body, (bytes) => bytes);
    case 'frames':
      return sendStream(out, reply, reply.frames, frameWriter(reply));
    default:
      return refuseRaw(reply);
  }
}

async function refuseRaw(reply: HijackReply | WebSocketReply): Promise<never> {
  await reply.serve(new LostStream());
  if (reply.kind === 'websocket') {
    throw new EngineError('invalid', 'http.websocket-only', 'this address speaks websocket only');
  }
  throw new EngineError('internal', 'http.no-hijack', 'a hijack at an address that mayHijack denies');
}

const frameWriter = ({ terminator = '\r\n' }: FramesReply): ((frame: unknown) => string) => {
  return (frame) => toJsonText(frame) + terminator;
};

function sendWhole(out: Out, head: Head, body: string): Promise<void> {
  const { exchange } = out;
  const size = isBodiless(head.status) ? undefined : Buffer.byteLength(body);
  writeHead(out, head, size);
  if (size !== undefined && exchange.method !== 'HEAD') exchange.bytes = size;
  return finish(out, body);
}

async function sendStream<T>(
  out: Out,
  reply: FramesReply | BytesReply,
  items: AsyncIterable<T>,
  encode: (item: T) => string | Uint8Array,
): Promise<void> {
  const { exchange, response } = out;
  const type =
    reply.contentType ?? (reply.kind === 'frames' ? 'application/json' : 'application/octet-stream');
  if (exchange.method === 'HEAD') {
    setHead(out, { type, ...reply });
    void stop(items[Symbol.asyncIterator]());
    return finish(out, '');
  }
  if (reply.start === 'at-once') {
    setHead(out, { type, ...reply });
    response.flushHeaders();
  }
  const sink = (item: T): Promise<void> => {
    const chunk = encode(item);
    if (!response.headersSent) setHead(out, { type, ...reply });
    return write(out, chunk);
  };
  try {
    await pump(items, sink, exchange);
  } catch (error) {
    if (!response.headersSent || reply.onError === undefined || exchange.isLost) throw error;
    await write(out, lastWords(reply, error));
  }
  if (exchange.isLost) return undefined;
  if (!response.headersSent) setHead(out, { type, ...reply });
  return finish(out, '');
}

function lastWords(reply: FramesReply | BytesReply, error: unknown): string | Uint8Array {
  if (reply.kind === 'bytes') return reply.onError?.(error) ?? '';
  return frameWriter(reply)(reply.onError?.(error));
}

/** Of an answer that may still become another one. */
function setHead(out: Out, head: Head): void {
  const { exchange, response } = out;
  if (!exchange.isLost) exchange.status = head.status;
  response.statusCode = head.status;
  const list = headersOf(out, head);
  for (let at = 0; at < list.length; at += 2) response.setHeader(list[at] ?? '', list[at + 1] ?? '');
}

/** Node takes a list as it is, much faster than header by header. */
function writeHead(out: Out, head: Head, size: number | undefined): void {
  const { exchange, response } = out;
  if (!exchange.isLost) exchange.status = head.status;
  const list = headersOf(out, head);
  if (size !== undefined) list.push('Content-Length', String(size));
  response.writeHead(head.status, STATUS_CODES[head.status] ?? 'unknown', list);
}

/** Names and values one after the other, no name twice: those of the reply win. */
function headersOf({ exchange, defaults }: Out, { status, headers, type }: Head): string[] {
  const own = headers ?? NO_HEADERS;
  const list: string[] = ['X-Request-Id', exchange.id];
  if (type !== undefined && !isBodiless(status) && !isNamed(own, 'content-type'))
    list.push('Content-Type', type);
  for (const [name, value] of Object.entries(defaults)) if (!isNamed(own, name)) list.push(name, value);
  for (const [name, value] of Object.entries(own)) list.push(name, value);
  return list;
}

const NO_HEADERS: Headers = {};

/** Whatever the letters' case. */
const isNamed = (headers: Headers, name: string): boolean =>
  Object.keys(headers).some((each) => each.toLowerCase() === name.toLowerCase());

const isBodiless = (status: number): boolean => status === 204 || status === 304;

/** Resolves when the connection takes more: at once while it is below its high-water mark. */
function write({ exchange, response }: Out, chunk: string | Uint8Array): Promise<void> {
  exchange.bytes += Buffer.byteLength(chunk);
  return new Promise((resolve) => {
    // By callback, not by `drain`: Node does not tell `drain` on a connection taken from its parser.
    const flushed = (): void => resolve();
    const hasRoom =
      typeof chunk === 'string' ? response.write(chunk, 'utf8', flushed) : response.write(chunk, flushed);
    if (hasRoom) resolve();
  });
}

function finish({ exchange, response }: Out, text: string): Promise<void> {
  return new Promise((resolve) => {
    const forget = exchange.onLost(resolve);
    response.end(text, 'utf8', () => {
      forget();
      resolve();
    });
  });
}

/** A hook that fails costs its headers, not the answer. */
function defaultsOf(serving: Serving, exchange: Exchange): Headers {
  try {
    return serving.headers(exchange);
  } catch (error) {
    exchange.error = error;
    return {};
  }
}
