import type { IncomingMessage } from 'node:http';

import type { HttpRequest } from '#api/http/request.ts';
import { EngineError } from '#domain/error/engine-error.ts';

import type { RequestBody } from './request-body.ts';
import { parseTarget } from './target.ts';

type Parts = {
  readonly message: IncomingMessage;
  readonly body: RequestBody;
  readonly peer: string | undefined;
  /** Called with the error that the body's reader is to see. */
  readonly onLost: (error: EngineError) => void;
  readonly onDone: (exchange: Exchange) => void;
};

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;
/** Forms are parameters; what is larger is a body that says nothing of its kind. */
const LARGEST_FORM_BYTES = 1024 * 1024;
const IS_FORM = /^[\x20-\x7e\r\n\t]*$/;
const METHODS_WITH_FORM: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** One request and what becomes of it, from its head to the last byte of the answer. */
export class Exchange implements HttpRequest {
  readonly id: string = crypto.randomUUID();
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly hasBody: boolean;
  readonly peer?: string;
  /** The request cannot be handed to a dialect. */
  readonly problem: EngineError | undefined;
  readonly startedAt: number = performance.now();
  /** Of the answer; 0 until it has one. */
  status = 0;
  /** Bytes of the answer, without its head and framing. */
  bytes = 0;
  /** What went wrong after it was too late to say so. */
  error: unknown;
  readonly #parts: Parts;
  readonly #whenLost = new Set<() => void>();
  #query: URLSearchParams;
  #loss: EngineError | undefined;
  #isDone = false;
  #done: PromiseWithResolvers<void> | undefined;
  #controller: AbortController | undefined;

  constructor(parts: Parts) {
    const { message, peer } = parts;
    const { path, query, problem } = parseTarget(message.url ?? '/');
    this.#parts = parts;
    this.method = message.method ?? 'GET';
    this.path = path;
    this.#query = query;
    this.problem = problem;
    this.headers = flatten(message);
    this.hasBody = announcesBody(message);
    if (peer !== undefined) this.peer = peer;
  }

  get query(): URLSearchParams {
    return this.#query;
  }

  text(limitBytes?: number): Promise<string> {
    return this.#parts.body.text(limitBytes);
  }

  stream(): AsyncIterable<Uint8Array> {
    return this.#parts.body.stream();
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#loss !== undefined) this.#controller.abort(this.#loss);
    }
    return this.#controller.signal;
  }

  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** Parameters of a form stand before those of the URL, so that `get` finds them first. */
  async readForm(): Promise<void> {
    const type = this.headers['content-type'];
    if (!this.hasBody || type === undefined || !FORM.test(type) || !METHODS_WITH_FORM.has(this.method))
      return;
    const text = await this.#parts.body.peek(LARGEST_FORM_BYTES);
    // What a client sends under its library's default type need be no form: a tar stays as it is.
    if (text === undefined || !IS_FORM.test(text)) return;
    const merged = new URLSearchParams(text);
    for (const [name, value] of this.#query) merged.append(name, value);
    this.#query = merged;
  }

  /** The client hung up. Nothing happens once the answer is complete. */
  lose(): void {
    if (this.#isDone || this.#loss !== undefined) return;
    this.#loss = new EngineError('cancelled', 'http.client-gone', 'the client has hung up');
    this.#parts.onLost(this.#loss);
    this.#controller?.abort(this.#loss);
    for (const tell of this.#whenLost) tell();
    this.#whenLost.clear();
  }

  /** Calls `tell` when the client hangs up, or at once; the result takes the wish back. */
  onLost(tell: () => void): () => void {
    if (this.#loss !== undefined) tell();
    else this.#whenLost.add(tell);
    return () => this.#whenLost.delete(tell);
  }

  /** The answer is complete, or nobody is left to get it. */
  complete(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#whenLost.clear();
    this.#parts.onDone(this);
    this.#done?.resolve();
  }

  whenDone(): Promise<void> {
    if (this.#isDone) return Promise.resolve();
    this.#done ??= Promise.withResolvers<void>();
    return this.#done.promise;
  }
}

export const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function flatten({ headers }: IncomingMessage): Record<string, string | undefined> {
  // Without a prototype, so that a header named like a method of objects is just absent.
  const flat: Record<string, string | undefined> = { __proto__: null as never };
  for (const [name, value] of Object.entries(headers)) {
    flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
