import { EngineError } from '#domain/error/engine-error.ts';

export type Target = {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Why the path could not be read; `path` is then as sent. */
  readonly problem?: EngineError;
};

/** Splits a request target and decodes its path; `%2F` becomes a slash like any other. */
export function parseTarget(url: string): Target {
  const target = stripOrigin(url);
  const mark = target.indexOf('?');
  const raw = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  try {
    return { path: decodePath(raw), query };
  } catch (cause) {
    const problem = new EngineError('invalid', 'http.bad-path', `invalid URL escape in "${raw}"`, { cause });
    return { path: raw, query, problem };
  }
}

const decodePath = (raw: string): string => (raw.includes('%') ? decodeURIComponent(raw) : raw);

/** Clients that believe to talk to a proxy send the whole URL. */
const stripOrigin = (url: string): string => {
  if (url.startsWith('/')) return url;
  const origin = /^https?:\/\/[^/?]*/i.exec(url)?.[0];
  if (origin === undefined) return url;
  const rest = url.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
};
