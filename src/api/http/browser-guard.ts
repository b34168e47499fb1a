import { isIP } from 'node:net';

import type { HttpRequest } from './request.ts';

/** Who may ask over plain TCP beside ordinary clients. */
export type BrowserRules = {
  /** `*`: every page; else names that `Host` may have, and origins (`http://name:port`) of pages. */
  readonly allowed: readonly string[];
};

/**
 * Why a request is refused that a page in somebody's browser made, undefined for all others. Who can reach the API is
 * root, and a browser on this machine or network can: it sends what a foreign page wants (`Origin`, `Sec-Fetch-Site`),
 * or takes the daemon for the page's own server, once the page's name leads here (`Host`). No clients but browsers do
 * any of it. A name without a dot, a reserved one or an address cannot be a stranger's.
 */
export const browserRefusal = (
  { headers }: Pick<HttpRequest, 'headers'>,
  { allowed }: BrowserRules,
): string | undefined => {
  if (allowed.includes('*')) return undefined;
  const { host = '', origin } = headers;
  if (!isOwnName(host, allowed)) return `the name "${host}" is not one of this daemon's`;
  if (origin !== undefined)
    return isAllowedOrigin(origin, host, allowed) ? undefined : `pages of ${origin} may not use this daemon`;
  const site = headers['sec-fetch-site'] ?? 'none';
  return SAME_SITES.has(site) ? undefined : 'pages of other sites may not use this daemon';
};

const SAME_SITES: ReadonlySet<string> = new Set(['none', 'same-origin']);

/** Reserved, so that nobody can register a name below them. */
const RESERVED = /\.(?:localhost|internal)$/;
/** What no name of a browser can look like: a version, as Docker 0.11.1 to 1.2.0 sent it, or the path of a socket. */
const NO_NAME = /^v\d+(?:\.\d+)*$|[/%]/;

const isOwnName = (host: string, allowed: readonly string[]): boolean => {
  const name = nameOf(host);
  if (!name.includes('.') || isIP(name) !== 0) return true;
  return RESERVED.test(name) || NO_NAME.test(name) || allowed.some((each) => each.toLowerCase() === name);
};

/** Without port, brackets and the dot at the end. */
const nameOf = (host: string): string => {
  const [, bracketed] = /^\[([^\]]*)\]/.exec(host) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 0 ? 'not.an.address' : bracketed;
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
};

const isAllowedOrigin = (origin: string, host: string, allowed: readonly string[]): boolean =>
  allowed.includes(origin) || origin.toLowerCase() === `http://${host.toLowerCase()}`;
