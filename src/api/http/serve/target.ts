import { EngineError } from '#domain/error/engine-error.ts';
import { textOfBytes } from '#lib/byte-text.ts';

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
  const query = parseQuery(mark < 0 ? '' : target.slice(mark + 1));
  try {
    return { path: decodePath(raw), query };
  } catch (cause) {
    const problem = new EngineError('invalid', 'http.bad-path', `invalid URL escape in "${raw}"`, { cause });
    return { path: raw, query, problem };
  }
}

/**
 * Parameters whose bytes can be had again (`lib/byte-text.ts`): names of files are not always UTF-8. A character of the
 * target is a byte, as Node reads it.
 */
function parseQuery(text: string): URLSearchParams {
  // As common as can be, and the same either way.
  if (!/[\u0080-\u00ff]|%[89a-f]/i.test(text)) return new URLSearchParams(text);
  const query = new URLSearchParams();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    query.append(
      decodeBytes(at < 0 ? pair : pair.slice(0, at)),
      at < 0 ? '' : decodeBytes(pair.slice(at + 1)),
    );
  }
  return query;
}

const decodeBytes = (text: string): string => {
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_all, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, 16)),
    );
  return textOfBytes(Buffer.from(bytes, 'latin1'));
};

const decodePath = (raw: string): string => (raw.includes('%') ? decodeURIComponent(raw) : raw);

/** Clients that believe to talk to a proxy send the whole URL. */
const stripOrigin = (url: string): string => {
  if (url.startsWith('/')) return url;
  const origin = /^https?:\/\/[^/?]*/i.exec(url)?.[0];
  if (origin === undefined) return url;
  const rest = url.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
};
