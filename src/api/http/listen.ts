import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EngineError } from '#domain/error/engine-error.ts';

import { browserRefusal } from './browser-guard.ts';
import type { BrowserRules } from './browser-guard.ts';
import type { Headers, Reply } from './reply.ts';
import type { Dialect, HttpRequest } from './request.ts';
import type { UnreadBytes } from './raw/when-read.ts';
import { createHttpServer } from './server.ts';
import type { Limits, TlsOptions } from './server.ts';
import { USUAL_PATIENCE } from './serve/request-body.ts';
import type { Patience } from './serve/request-body.ts';
import { plainFailure } from './serve/serving.ts';
import type { RequestEvent } from './serve/serving.ts';
import { isLoopback, parseAddress } from './socket/address.ts';
import type { Address } from './socket/address.ts';
import { clearSocketPath, openToGroup, withSocketUmask } from './socket/unix-socket.ts';

export type { RequestEvent } from './serve/serving.ts';
export type { TlsOptions } from './server.ts';

export type ListenOptions = {
  /** `unix:///path`, `tcp://address:port` (port 0: any free one) or `fd://number`. */
  readonly url: string;
  readonly dialect: Dialect;
  /** Whether a request to this (decoded) path may be answered by a hijack. Default: none may. */
  readonly mayHijack?: (method: string, path: string) => boolean;
  /** Headers of every reply that is not a hijack; those of the reply win. */
  readonly headers?: (request: HttpRequest) => Headers;
  /**
   * The answer to what no dialect could answer: an undecodable path, a form too large, a reply
   * that fails before its head. Default: plain text.
   */
  readonly failure?: (error: unknown, request: HttpRequest) => Reply;
  readonly onRequest?: (event: RequestEvent) => void;
  /** Lets the first bytes of a hijacked connection wait until the client has read the head. Default: they do not. */
  readonly unreadBytes?: UnreadBytes;
  /** Default: two minutes for a whole body that is read as text, ten for the next bytes of a stream. */
  readonly patience?: Patience;
  readonly limits?: Limits;
  /** Serves TLS; not for Unix sockets. */
  readonly tls?: TlsOptions;
  /** Allows TCP without TLS on addresses that other machines can reach. */
  readonly insecureTcp?: boolean;
  /** Who may ask over TCP without TLS beside ordinary clients. Default: no page of another origin, by no other name. */
  readonly browsers?: BrowserRules;
  /** Group that may use a Unix socket, if the machine has it. */
  readonly socketGroup?: string;
};

export type Listener = AsyncDisposable & {
  /** Where it listens, with the real port. */
  readonly url: string;
  /**
   * Stops accepting, ends idle connections, lets requests in flight finish for the grace
   * (default 2 s), then cuts the rest. Resolves when no connection is left.
   */
  close(graceMs?: number): Promise<void>;
};

const CLOSE_GRACE_MS = 2000;

/**
 * Rejects where `listen` surely would: for a daemon that must not make anything before it knows that it can serve.
 * A stale Unix socket is removed.
 */
export async function checkAddress(
  options: Pick<ListenOptions, 'url' | 'tls' | 'insecureTcp'>,
): Promise<void> {
  const address = parseAddress(options.url);
  refuseInsecure(address, options);
  if (address.kind === 'unix') await clearSocketPath(address.path);
}

/** Starts to serve. Rejects with `conflict` when something answers at the address already. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const address = parseAddress(options.url);
  refuseInsecure(address, options);
  const { server, close } = createHttpServer(
    {
      dialect: guarded(options, () => isPlainTcp(server, options)),
      mayHijack: options.mayHijack ?? (() => false),
      headers: options.headers ?? (() => ({})),
      failure: options.failure ?? plainFailure,
      onRequest: options.onRequest ?? (() => undefined),
      unreadBytes: options.unreadBytes ?? (() => undefined),
      patience: options.patience ?? USUAL_PATIENCE,
    },
    address.kind === 'unix' ? undefined : options.tls,
    options.limits,
  );
  await bind(server, address, options);
  return {
    url: urlOf(server, address),
    close: (graceMs = CLOSE_GRACE_MS) => close(graceMs),
    [Symbol.asyncDispose]: () => close(CLOSE_GRACE_MS),
  };
}

/** Whatever is asked: a page must not even learn what is there. */
function guarded({ dialect, browsers = { allowed: [] } }: ListenOptions, isPlain: () => boolean): Dialect {
  let isGuarded: boolean | undefined;
  return (request) => {
    isGuarded ??= isPlain();
    const refusal = isGuarded ? browserRefusal(request, browsers) : undefined;
    if (refusal === undefined) return dialect(request);
    return Promise.resolve({ kind: 'json', status: 403, body: { message: refusal } });
  };
}

/** A descriptor may be of either kind. */
const isPlainTcp = (server: Server, { tls }: ListenOptions): boolean =>
  tls === undefined && typeof server.address() === 'object';

function refuseInsecure(
  address: Address,
  { url, tls, insecureTcp }: Pick<ListenOptions, 'url' | 'tls' | 'insecureTcp'>,
): void {
  if (address.kind !== 'tcp' || tls !== undefined || insecureTcp === true || isLoopback(address.host)) return;
  throw new EngineError(
    'invalid',
    'http.insecure-tcp',
    `${url} can be reached from other machines: use TLS, or allow insecure TCP expressly`,
    { params: { url } },
  );
}

async function bind(server: Server, address: Address, { url, socketGroup }: ListenOptions): Promise<void> {
  if (address.kind === 'unix') {
    await clearSocketPath(address.path);
    await started(server, url, () => withSocketUmask(() => server.listen(address.path)));
    await openToGroup(address.path, socketGroup).catch((error: unknown) => {
      server.close();
      throw error;
    });
    return;
  }
  await started(server, url, () =>
    address.kind === 'fd' ? server.listen({ fd: address.fd }) : server.listen(address.port, address.host),
  );
}

function started(server: Server, url: string, start: () => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(listenError(url, error));
    server.once('error', fail);
    server.once('listening', () => {
      server.removeListener('error', fail);
      resolve();
    });
    start();
  });
}

function listenError(url: string, cause: Error): EngineError {
  const code = 'code' in cause ? cause.code : undefined;
  const options = { params: { url }, cause };
  if (code === 'EADDRINUSE') {
    return new EngineError('conflict', 'http.address-in-use', `something listens on ${url} already`, options);
  }
  const kind = code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'invalid';
  return new EngineError(kind, 'http.listen-failed', `cannot listen on ${url}: ${cause.message}`, options);
}

function urlOf(server: Server, address: Address): string {
  const bound: AddressInfo | string | null = server.address();
  if (address.kind === 'fd' || bound === null) return address.kind === 'fd' ? `fd://${address.fd}` : '';
  if (typeof bound === 'string') return `unix://${bound}`;
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `tcp://${host}:${bound.port}`;
}
