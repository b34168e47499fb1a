import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DaemonAddress } from './address.ts';
import { ApiError } from './api-error.ts';

export type Call = {
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, chunked. */
  readonly upload?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type Hijacked = { readonly stream: Duplex; readonly contentType: string };

/** Version prefixes: the newest of the Docker dialect, and of hyperd's. */
export const PREFIXES = { docker: '/v1.51', hyper: '/v1.1.0' } as const;

/** Speaks one dialect of a daemon, newest version. Every failure is an ApiError. */
export class DaemonClient {
  readonly #address: DaemonAddress;
  readonly #prefix: string;

  constructor(address: DaemonAddress, dialect: keyof typeof PREFIXES = 'docker') {
    this.#address = address;
    this.#prefix = PREFIXES[dialect];
  }

  /** A JSON answer; undefined when there is no body. */
  async json<Answer>(method: string, path: string, call: Call = {}): Promise<Answer> {
    const response = await this.open(method, path, call);
    const text = await readText(response);
    return text === '' ? (undefined as Answer) : (JSON.parse(text) as Answer);
  }

  /** An answer of JSON objects, one after another. */
  async *frames<Frame>(method: string, path: string, call: Call = {}): AsyncGenerator<Frame> {
    yield* jsonFrames<Frame>(await this.open(method, path, call));
  }

  /** The answer's head is there; its body is a stream. */
  async open(method: string, path: string, call: Call = {}): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = httpRequest(this.#options(method, path, call), resolve);
    request.on('error', (error) => reject(unreachable(error)));
    send(request, call).catch(reject);
    const response = await promise;
    if ((response.statusCode ?? 500) >= 400) throw await refusal(response);
    return response;
  }

  /** Takes the connection over (attach, exec start). */
  async hijack(path: string, call: Call = {}): Promise<Hijacked> {
    const { promise, resolve, reject } = Promise.withResolvers<Hijacked>();
    const headers = { ...call.headers, Connection: 'Upgrade', Upgrade: 'tcp' };
    const request = httpRequest(this.#options('POST', path, { ...call, headers }));
    request.on('upgrade', (response, stream, head) => {
      if (head.length > 0) stream.unshift(head);
      resolve({ stream, contentType: response.headers['content-type'] ?? '' });
    });
    request.on('response', (response) => void refusal(response).then(reject, reject));
    request.on('error', (error) => reject(unreachable(error)));
    send(request, call).catch(reject);
    return promise;
  }

  #options(method: string, path: string, call: Call): RequestOptions {
    const body = call.body === undefined ? {} : { 'Content-Type': 'application/json' };
    return {
      ...this.#address,
      method,
      path: `${this.#prefix}${path}${queryText(call.query)}`,
      headers: { Host: 'gantry', ...body, ...call.headers },
      agent: false,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    };
  }
}

const queryText = (query: Call['query']): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, String(item));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
};

const send = async (request: ReturnType<typeof httpRequest>, { body, upload }: Call): Promise<void> => {
  if (upload === undefined) {
    request.end(body === undefined ? undefined : JSON.stringify(body));
    return;
  }
  try {
    await pipeline(upload, request);
  } catch (error) {
    // A daemon that refuses an upload answers before it has read it all.
    if (
      !(error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET'))
    )
      throw error;
  }
};

const unreachable = (error: Error): ApiError =>
  new ApiError(0, `cannot reach the daemon: ${error.message}`, { cause: error });

const refusal = async (response: IncomingMessage): Promise<ApiError> => {
  const text = await readText(response);
  return new ApiError(response.statusCode ?? 500, messageOf(text));
};

const messageOf = (text: string): string => {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : text.trim();
  } catch {
    return text.trim();
  }
};

const readText = async (response: IncomingMessage): Promise<string> => {
  response.setEncoding('utf8');
  let text = '';
  for await (const part of response) text += String(part);
  return text;
};

/** Objects of a stream, one per line. */
const jsonFrames = async function* <Frame>(response: IncomingMessage): AsyncGenerator<Frame> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const part of response) {
    const lines = `${rest}${String(part)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as Frame;
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as Frame;
};
