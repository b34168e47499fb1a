import type { Reply } from '#api/http/reply.ts';
import type { Dialect, HttpRequest } from '#api/http/request.ts';
import type { EngineError } from '#domain/error/engine-error.ts';
import { checkDialect } from './check.ts';
import type { DialectSpec, ErrorPlace, Outcome } from './dialect.ts';
import { ErrorWriter, toEngineError } from './reply/errors.ts';
import { HeaderWriter } from './reply/headers.ts';
import { History } from './history.ts';
import { compileRoute, type CompiledRoute } from './route-at.ts';
import { schemasOf } from './schemas.ts';
import { RouteTable, type Found } from './table.ts';
import { knownVersion, parseVersion, type ApiVersion } from './version.ts';

export type CompiledDialect<Context> = {
  /** Answers every request; never throws. */
  readonly answer: Dialect;
  /** Whether a request may take its connection over. */
  readonly mayHijack: (method: string, path: string) => boolean;
  readonly table: RouteTable<Context>;
};

type Options = {
  /** Told about failures that are our own fault, before they become `internal`. */
  readonly report?: (error: unknown, request: HttpRequest) => void;
};

/** Checks a dialect and makes it answer. Routes are compiled per version when first asked for. */
export const createDialect = <Context>(
  spec: DialectSpec<Context>,
  context: Context,
  options: Options = {},
): CompiledDialect<Context> => {
  checkDialect(spec);
  const server = new DialectServer(spec, context, options);
  return {
    answer: (http) => server.answer(http),
    mayHijack: (method, path) => server.mayHijack(method, path),
    table: server.table,
  };
};

type Address = { readonly sent: string; readonly version: ApiVersion; readonly path: string };

class DialectServer<Context> {
  readonly table: RouteTable<Context>;
  readonly #spec: DialectSpec<Context>;
  readonly #context: Context;
  readonly #options: Options;
  readonly #history: History;
  readonly #headers: HeaderWriter<Context>;
  readonly #routes = new Map<string, CompiledRoute<Context>>();
  readonly #errors = new Map<ApiVersion, ErrorWriter<Context>>();
  readonly #oldest: ApiVersion;
  readonly #newest: ApiVersion;

  constructor(spec: DialectSpec<Context>, context: Context, options: Options) {
    this.#spec = spec;
    this.#context = context;
    this.#options = options;
    this.table = new RouteTable(spec);
    this.#history = new History(spec.changes, schemasOf(spec));
    this.#headers = new HeaderWriter(spec.headers ?? [], context);
    this.#oldest = knownVersion(spec.versions.oldest);
    this.#newest = knownVersion(spec.versions.newest);
  }

  async answer(http: HttpRequest): Promise<Reply> {
    try {
      return await this.#answer(http);
    } catch (error) {
      // Presenters and header values are written by hand too; the listener must get its reply.
      this.#options.report?.(error, http);
      return { kind: 'text', status: 500, body: 'internal error\n' };
    }
  }

  async #answer(http: HttpRequest): Promise<Reply> {
    const address = this.#addressAsked(http, this.#routed(http.method, http.path));
    const version = this.#nearest(address.version);
    const errors = this.#errorsAt(version);
    const finish = (reply: Reply, outcome: Outcome): Reply =>
      this.#headers.add(reply, http, version, outcome);
    const refusal = this.#refusalOf(address);
    if (refusal !== undefined) return finish(errors.write(refusal), 'refused');
    const found = this.table.find(http.method, address.path, version);
    if (found === undefined) return finish(errors.write(this.#spec.notFound), 'unknown-route');
    const reply = await this.#serve(http, found, errors);
    return finish(reply, reply.kind === 'hijack' ? 'hijacked' : 'accepted');
  }

  mayHijack(method: string, path: string): boolean {
    const { version, path: rest } = this.#addressOf(this.#routed(method, path));
    return this.table.find(method, rest, this.#nearest(version))?.route.hijack === true;
  }

  /** The path as it is when it leads somewhere or cannot be cleaned, else without empty and dot segments. */
  #routed(method: string, path: string): string {
    if (this.#spec.cleansPaths !== true || !/\/(?:\/|\.\.?(?:\/|$))/.test(path)) return path;
    const { version, path: rest } = this.#addressOf(path);
    return this.table.find(method, rest, this.#nearest(version)) === undefined ? cleaned(path) : path;
  }

  #nearest(version: ApiVersion): ApiVersion {
    return Math.min(Math.max(version, this.#oldest), this.#newest);
  }

  #addressOf(path: string): Address {
    const match = this.#spec.prefix?.exec(path) ?? undefined;
    const sent = match?.[1] ?? '';
    const rest = path.slice(match?.[0].length ?? 0);
    return { sent, version: parseVersion(sent) ?? this.#newest, path: rest === '' ? '/' : rest };
  }

  #addressAsked(http: HttpRequest, path: string): Address {
    const address = this.#addressOf(path);
    const instead = this.#spec.versionOf?.(address.sent, http);
    const version = instead === undefined ? undefined : parseVersion(instead);
    return version === undefined ? address : { ...address, version };
  }

  #refusalOf({ sent, version }: Address) {
    if (version > this.#newest) return this.#spec.refuse?.tooNew?.(sent);
    return version < this.#oldest ? this.#spec.refuse?.tooOld?.(sent) : undefined;
  }

  async #serve(http: HttpRequest, found: Found<Context>, errors: ErrorWriter<Context>): Promise<Reply> {
    try {
      return await this.#compiled(found).answer(http, found.params, this.#context);
    } catch (error) {
      const place: ErrorPlace = { route: found.route.id, params: found.params, http };
      return errors.reply(this.#explain(error, http), place);
    }
  }

  #explain(error: unknown, http: HttpRequest): EngineError {
    const explained = toEngineError(error);
    if (explained.kind === 'internal') this.#options.report?.(error, http);
    return explained;
  }

  #compiled({ route, version }: Found<Context>): CompiledRoute<Context> {
    const key = `${version} ${route.id}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const compiled = compileRoute(this.#history, this.#spec, route, version);
    this.#routes.set(key, compiled);
    return compiled;
  }

  #errorsAt(version: ApiVersion): ErrorWriter<Context> {
    const known = this.#errors.get(version);
    if (known !== undefined) return known;
    const writer = new ErrorWriter(this.#spec, version);
    this.#errors.set(version, writer);
    return writer;
  }
}

/** `//v1.4/a/../b` -> `/v1.4/b`; a slash at the end stays. */
const cleaned = (path: string): string => {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}${path.endsWith('/') && kept.length > 0 ? '/' : ''}`;
};
