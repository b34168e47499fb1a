import { EngineError } from '#domain/error/engine-error.ts';

export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'fd'; readonly fd: number };

/** Reads `unix:///path`, `tcp://host:port` (host may be empty: loopback) and `fd://N`. */
export function parseAddress(url: string): Address {
  const [, scheme, rest] = /^(unix|tcp|fd):\/\/(.*)$/s.exec(url) ?? [];
  const address = scheme === undefined || rest === undefined ? undefined : readers[scheme]?.(rest);
  if (address === undefined) throw badAddress(url);
  return address;
}

/** Whether the host can only be reached from this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const readers: Readonly<Record<string, (rest: string) => Address | undefined>> = {
  unix: (path) => (path.startsWith('/') ? { kind: 'unix', path } : undefined),
  tcp: readTcp,
  fd: (text) => (/^\d{1,9}$/.test(text) ? { kind: 'fd', fd: Number(text) } : undefined),
};

function readTcp(rest: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]]*)):(\d{1,5})\/?$/.exec(rest) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { kind: 'tcp', host: bracketed ?? (plain || '127.0.0.1'), port };
}

const badAddress = (url: string): EngineError =>
  new EngineError(
    'invalid',
    'http.bad-address',
    `cannot listen on "${url}": expected unix:///path, tcp://address:port or fd://number`,
    { params: { url } },
  );
