import type { FramesReply, JsonReply, Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { TSchema } from 'typebox';
import type { Change, Framing, StatusChange } from './change.ts';
import type { DialectSpec } from './dialect.ts';
import { DecodeCompiler, type Decode } from './request/decode.ts';
import { DownCompiler, type DownStep } from './reply/down.ts';
import { changesAfter, hasNoBody, mapStatus } from './reply/errors.ts';
import { mapItems, settleStart } from './framing.ts';
import type { History } from './history.ts';
import { parseFirstJson } from './request/json-text.ts';
import { compileParameters, type ParameterSource } from './request/parameters.ts';
import type { Route } from './route.ts';
import { knownVersion, type ApiVersion } from './version.ts';

/** A route as one version knows it. Nothing is decided per request. */
export type CompiledRoute<Context> = {
  readonly answer: (
    http: HttpRequest,
    params: Readonly<Record<string, string>>,
    context: Context,
  ) => Promise<Reply>;
};

export const compileRoute = <Context>(
  history: History,
  { changes, bodiesEndSince }: Pick<DialectSpec<Context>, 'changes' | 'bodiesEndSince'>,
  route: Route<Context>,
  version: ApiVersion,
): CompiledRoute<Context> => {
  const query = route.query && compileParameters(history, route.query, version);
  const headers = route.headers && compileParameters(history, route.headers, version);
  const endsAt = bodiesEndSince === undefined ? Number.POSITIVE_INFINITY : knownVersion(bodiesEndSince);
  const body = compileBody(history, route, version, version >= endsAt);
  const encode = compileReply(history, changes, route, version);
  return {
    answer: async (http, params, context) => {
      if (route.handler === undefined) throw planned(route.id, route.planned ?? 'not planned');
      const request = {
        params,
        query: query?.(querySource(http)) ?? {},
        headers: headers?.(headerSource(http)) ?? {},
        body: await body(http),
        http,
      };
      return settleStart(encode(await route.handler(request, context)), http.signal);
    },
  };
};

const planned = (route: string, why: string): EngineError =>
  new EngineError('unsupported', 'route.planned', `not implemented: ${why}`, { params: { route } });

const querySource = (http: HttpRequest): ParameterSource => ({
  one: (name) => http.query.get(name) ?? undefined,
  all: (name) => http.query.getAll(name),
});

const headerSource = ({ headers }: HttpRequest): ParameterSource => ({
  one: (name) => headers[name.toLowerCase()],
  all: (name) => headers[name.toLowerCase()]?.split(/\s*,\s*/) ?? [],
});

/** Compiles the reading of a body for one version: text to head form. */
export const compileBodyText = (history: History, schema: TSchema, version: ApiVersion, isAlone = false) => {
  const compiler = new DecodeCompiler(history, version);
  const decode = compiler.compile(schema);
  const check: Decode = compiler.changed
    ? new DecodeCompiler(history, 'head').compile(schema)
    : (value) => value;
  // Null as the whole body is nothing of its kind.
  const empty = 'type' in schema && schema.type === 'array' ? [] : {};
  return (text: string): unknown => check(decode(parseFirstJson(text, compiler.exact, isAlone) ?? empty));
};

const compileBody = <Context>(
  history: History,
  route: Route<Context>,
  version: ApiVersion,
  isAlone: boolean,
) => {
  const schema = route.body;
  if (schema === undefined) return async (): Promise<undefined> => undefined;
  const decode = compileBodyText(history, schema, version, isAlone);
  const mayBeEmpty = '~optional' in schema;
  const { bodyType, bodyTypeSince } = route;
  const mindsType =
    bodyType === 'json' && (bodyTypeSince === undefined || version >= knownVersion(bodyTypeSince));
  return async (http: HttpRequest): Promise<unknown> => {
    if (http.hasBody && mindsType) checkMediaType(http.headers['content-type'] ?? '');
    const text = http.hasBody ? await http.text() : '';
    if (text.trim() !== '' && !(mayBeEmpty && isForm(http, text))) return decode(text);
    if (mayBeEmpty) return undefined;
    throw new EngineError('invalid', 'body.empty', 'EOF');
  };
};

/** Its parameters have been read with those of the address; JSON under a form's type is what `curl -d` sends. */
const isForm = ({ headers }: HttpRequest, text: string): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '') && !/^\s*[[{]/.test(text);

const checkMediaType = (value: string): void => {
  if (value.split(';')[0]?.trim().toLowerCase() === 'application/json') return;
  const text = `Content-Type specified (${value}) must be 'application/json'`;
  throw new EngineError('invalid', 'body.content-type', text, { params: { value } });
};

const compileReply = <Context>(
  history: History,
  changes: readonly Change[],
  route: Route<Context>,
  version: ApiVersion,
) => {
  const down = new DownCompiler(history, version);
  const statuses = changesAfter(changes, version, 'status');
  const framings = changesAfter(changes, version, 'framing').filter(({ routes }) =>
    routes.includes(route.id),
  );
  const steps = new Map(
    Object.entries(route.replies).map(([status, schema]) => [
      Number(status),
      schema === null ? undefined : down.compile(schema),
    ]),
  );
  return (reply: Reply): Reply => {
    const older = takeReplyDown(reply, steps);
    return reframe(restatus(older, route.id, statuses), framings);
  };
};

const takeReplyDown = (reply: Reply, steps: ReadonlyMap<number, DownStep | undefined>): Reply => {
  if (reply.kind !== 'json' && reply.kind !== 'frames') return reply;
  const step = steps.get(reply.status);
  if (step === undefined) return reply;
  return reply.kind === 'json' ? jsonDown(reply, step) : framesDown(reply, step);
};

const jsonDown = (reply: JsonReply, step: DownStep): Reply => {
  if (step.many) throw new TypeError('a document cannot spread');
  return { ...reply, body: step.run(reply.body) };
};

const framesDown = (reply: FramesReply, step: DownStep): Reply => {
  const { onError } = reply;
  const toItems = step.many ? step.run : (frame: unknown): readonly unknown[] => [step.run(frame)];
  return {
    ...reply,
    frames: mapItems(reply.frames, toItems),
    ...(onError && { onError: (error: unknown) => toItems(onError(error))[0] }),
  };
};

const restatus = (reply: Reply, route: string, changes: readonly StatusChange[]): Reply => {
  if (!('status' in reply)) return reply;
  const status = mapStatus(changes, route, reply.status);
  if (status === reply.status) return reply;
  return hasNoBody(status) ? { kind: 'empty', status } : { ...reply, status };
};

const reframe = (reply: Reply, changes: readonly Framing[]): Reply =>
  changes.reduce((current, change) => change.older(current), reply);
