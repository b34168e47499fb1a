import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import type { Outcome, ReplyHeader } from '#api/dialect/dialect.ts';
import { isInside } from '#api/dialect/lifetime.ts';
import { knownVersion, type ApiVersion } from '#api/dialect/version.ts';

/** Adds the headers that a dialect puts on its answers; those a reply has itself stay. */
export class HeaderWriter<Context> {
  readonly #headers: readonly ReplyHeader<Context>[];
  readonly #context: Context;

  constructor(headers: readonly ReplyHeader<Context>[], context: Context) {
    this.#headers = headers;
    this.#context = context;
  }

  add(reply: Reply, http: HttpRequest, version: ApiVersion, outcome: Outcome): Reply {
    const added: Record<string, string> = {};
    for (const { name, value, alive, except, hijackedSince } of this.#headers) {
      if (except?.includes(outcome) || (alive && !isInside(alive['x-alive'], version))) continue;
      if (outcome === 'hijacked' && hijackedSince && version < knownVersion(hijackedSince)) continue;
      const text = typeof value === 'string' ? value : value(this.#context, http);
      if (text !== undefined) added[name] = text;
    }
    return { ...reply, headers: { ...added, ...reply.headers } };
  }
}
