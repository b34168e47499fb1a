import type { HttpRequest } from '#api/http/request.ts';
import type { Reply } from '#api/http/reply.ts';
import type { Static, TObject, TSchema } from 'typebox';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';

/** Names between braces of a path pattern. */
export type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParams<Rest>
  : never;

type Members<Schema> = Schema extends TSchema ? Static<Schema> : Record<never, never>;
type Body<Schema> = Schema extends TSchema
  ? Schema extends { '~optional': true }
    ? Static<Schema> | undefined
    : Static<Schema>
  : undefined;

/** What a handler is given: everything in today's words, whatever version the client spoke. */
export type HeadRequest<
  Params extends string = string,
  Query extends TSchema | undefined = undefined,
  BodySchema extends TSchema | undefined = undefined,
  Headers extends TSchema | undefined = undefined,
> = {
  readonly params: Readonly<Record<Params, string>>;
  readonly query: Members<Query>;
  readonly headers: Members<Headers>;
  readonly body: Body<BodySchema>;
  readonly http: HttpRequest;
};

/** A route whose static types are forgotten. */
export type Route<Context> = {
  /** Stable name, used by changes, errors and documents. */
  readonly id: string;
  readonly method: Method;
  /** `{name}` matches anything, slashes and nothing included; fixed paths win. */
  readonly path: string;
  readonly summary: string;
  /** First version that had it. Older prefixes reach it too, unless `strict`. */
  readonly since?: string;
  /** First version that no longer has it. */
  readonly until?: string;
  /** Unknown outside its lifetime, also for older prefixes. */
  readonly strict?: boolean;
  readonly query?: TObject | undefined;
  /** Request headers; decoded as query parameters are. */
  readonly headers?: TObject | undefined;
  /** `Type.Optional(schema)` allows an empty body (then `undefined`). */
  readonly body?: TSchema | undefined;
  /** Default: `json` where there is a body schema, else `none`. */
  readonly bodyKind?: 'none' | 'json' | 'stream';
  /** `json`: a body must say `application/json`, else EngineError `body.content-type`. */
  readonly bodyType?: 'json';
  /** The first version that looks at `bodyType`. Default: all. */
  readonly bodyTypeSince?: string;
  /** By status: the schema of the JSON document or of each frame; null for anything else. */
  readonly replies: Readonly<Record<number, TSchema | null>>;
  /** May take the connection over. */
  readonly hijack?: boolean;
  /** Why there is no handler yet: the route answers 501 with this. */
  readonly planned?: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly handler?: (request: any, context: Context) => Promise<Reply>;
};

/** A route as it is written down, its handler checked against its schemas. */
export type RouteSpec<
  Context,
  Path extends string,
  Query extends TObject | undefined,
  BodySchema extends TSchema | undefined,
  Headers extends TObject | undefined,
> = Omit<Route<Context>, 'path' | 'query' | 'body' | 'headers' | 'planned' | 'handler'> & {
  readonly path: Path;
  readonly query?: Query;
  readonly headers?: Headers;
  readonly body?: BodySchema;
} & (
    | { readonly planned: string }
    | {
        readonly handler: (
          request: HeadRequest<PathParams<Path>, Query, BodySchema, Headers>,
          context: Context,
        ) => Promise<Reply>;
      }
  );

/** `const defineRoute = routesFor<MyContext>()`, then one call per route. */
export const routesFor =
  <Context>() =>
  <
    const Path extends string,
    Query extends TObject | undefined = undefined,
    BodySchema extends TSchema | undefined = undefined,
    Headers extends TObject | undefined = undefined,
  >(
    spec: RouteSpec<Context, Path, Query, BodySchema, Headers>,
  ): Route<Context> =>
    spec;
