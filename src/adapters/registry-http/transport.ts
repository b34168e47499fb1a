import { setTimeout as pause } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Agents } from './agents.ts';

/** One question to a server. `allowPlain` lets redirects lead to http. */
export type Question = {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Any certificate will do, and plain http. */
  readonly insecure: boolean;
  /** There is another server to ask: a connection that fails is not tried again. */
  readonly isProbe?: boolean;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** After redirects. */
  readonly url: URL;
  readonly body: Dispatcher.ResponseData['body'];
};

const TRIES = 4;
const MAX_REDIRECTS = 10;
const MAX_PAUSE_MS = 10_000;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const PASSING_FAILURES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);

/** Asks, following redirects and trying again where that may help. The caller reads or dumps the body. */
export class Transport {
  readonly #agents: Agents;
  readonly #retryDelayMs: number;

  constructor(agents: Agents, retryDelayMs: number) {
    this.#agents = agents;
    this.#retryDelayMs = retryDelayMs;
  }

  /** Errors: `unavailable` code `registry.unreachable`, `cancelled` code `registry.cancelled`. */
  async ask(question: Question): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= TRIES;
      const waitMs = this.#retryDelayMs * 2 ** (attempt - 1);
      try {
        const answer = await this.#follow(question);
        if (isLast || !PASSING_STATUSES.has(answer.status)) return answer;
        await answer.body.dump();
        await rest(waitFor(answer, waitMs), question.signal);
      } catch (error) {
        const failure = toFailure(error, question);
        if (isLast || !mayPass(error, failure, question)) throw failure;
        await rest(waitMs, question.signal);
      }
    }
  }

  async #follow(question: Question): Promise<Answer> {
    let { url, headers } = question;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.#once({ ...question, url, headers });
      const location = REDIRECTS.has(answer.status) ? answer.headers['location'] : undefined;
      if (location === undefined) return answer;
      await answer.body.dump();
      if (hops >= MAX_REDIRECTS) throw new Error('too many redirects');
      const next = new URL(location, url);
      checkRedirect(next, question);
      if (next.origin !== url.origin) headers = withoutCredentials(headers);
      url = next;
    }
  }

  async #once(question: Question): Promise<Answer> {
    // Most daemons sit idle without ever asking a registry: not loaded with the rest.
    const { request } = await import('undici');
    const { url, method = 'GET', headers, body, signal, insecure } = question;
    const response = await request(url, {
      method,
      headers,
      dispatcher: await this.#agents.for(url, insecure),
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: response.statusCode, headers: flatten(response.headers), url, body: response.body };
  }
}

/** The whole body; `unavailable`, code `registry.oversized` past the limit. */
export const readBody = async (answer: Answer, limitBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> = answer.body;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limitBytes) {
      throw new EngineError('unavailable', 'registry.oversized', `${answer.url.href}: answer is too long`, {
        params: { limitBytes },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** A body as chunks whose failures are EngineErrors: `unavailable`, code `registry.broken-off`. */
export async function* streamBody(
  answer: Answer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const body: AsyncIterable<Uint8Array> = answer.body;
  try {
    yield* body;
  } catch (error) {
    if (signal?.aborted === true) throw cancelled(error);
    throw new EngineError('unavailable', 'registry.broken-off', `${answer.url.host}: ${messageOf(error)}`, {
      params: { host: answer.url.host },
      cause: error,
    });
  }
}

const mayPass = (error: unknown, failure: EngineError, question: Question): boolean =>
  failure.kind !== 'cancelled' && question.isProbe !== true && PASSING_FAILURES.has(codeOf(error));

const checkRedirect = (next: URL, question: Question): void => {
  const isPlainAllowed = question.insecure || question.url.protocol === 'http:';
  if (next.protocol === 'https:' || (next.protocol === 'http:' && isPlainAllowed)) return;
  throw new Error(`refused redirect to ${next.origin}`);
};

const withoutCredentials = (headers: Question['headers']): Question['headers'] =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['authorization', 'cookie'].includes(name.toLowerCase())),
  );

const flatten = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

/** Seconds of `Retry-After`, within reason. */
const waitFor = (answer: Answer, otherwiseMs: number): number => {
  const seconds = Number(answer.headers['retry-after'] ?? '');
  const askedMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : otherwiseMs;
  return Math.min(askedMs, MAX_PAUSE_MS);
};

const rest = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  try {
    // Some spread, so that many clients of one registry do not come back together.
    await pause(ms * (0.75 + Math.random() / 2), undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw cancelled(error);
  }
};

const toFailure = (error: unknown, question: Question): EngineError => {
  if (error instanceof EngineError) return error;
  if (question.signal?.aborted === true) return cancelled(error);
  const { href, host } = question.url;
  const text = `Get "${href}": ${describe(error)}`;
  return new EngineError('unavailable', 'registry.unreachable', text, {
    params: { host, text },
    cause: error,
  });
};

const describe = (error: unknown): string => {
  // What Go says and clients look for.
  if (/wrong version number|packet length too long|http request/i.test(messageOf(error))) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  return messageOf(error) || codeOf(error) || 'connection failed';
};

const cancelled = (cause: unknown): EngineError =>
  new EngineError('cancelled', 'registry.cancelled', 'the request to the registry was cancelled', { cause });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
