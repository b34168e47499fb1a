import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { NEVER } from '#domain/value/instant.ts';
import { defineRoute } from '#api/hyper/context.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { findMember, refOf } from '#api/hyper/lookup/containers.ts';
import { exitCodeOf } from '#api/hyper/present/container.ts';
import { ExitCode } from '#api/hyper/schema/answers.ts';
import { ExitCodeQuery } from '#api/hyper/schema/container-query.ts';
import { execBookOf, inTime } from '#api/hyper/streams/exec-book.ts';
import type { Engine } from '#engine/engine.ts';

type Request = { readonly query: Static<typeof ExitCodeQuery>; readonly http: HttpRequest };

const answer = async ({ query, http }: Request, { engine }: HyperContext): Promise<Reply> => {
  const exec = execOf(engine, query);
  if (exec !== '') knownExec(engine, query, exec);
  const body =
    exec === '' ? await ofContainer(engine, refOf(query), http.signal) : await ofExec(engine, exec);
  return { kind: 'json', status: 200, body };
};

/** '' = the main process, also under the tag by which an older client has attached to it. */
const execOf = (engine: Engine, query: Request['query']): string => {
  const { exec, tag = '' } = query;
  if (exec !== undefined && exec !== '') return exec;
  return refOf(query) === '' || execBookOf(engine).has(tag) ? tag : '';
};

/** Waits as long as it runs; one that never ran has ended with 0. */
const ofContainer = async (engine: Engine, ref: string, signal: AbortSignal): Promise<number> => {
  const { id, state } = findMember(engine, ref).container;
  if (state.startedAt === NEVER) return 0;
  const { exitCode } = await engine.containers.wait(id, 'not-running', signal).result;
  try {
    const after = engine.containers.get(id).state;
    return after.startedAt === state.startedAt ? exitCodeOf(after) : exitCode;
  } catch (error) {
    // Removed at its end.
    if (isEngineError(error, 'not-found')) return exitCode;
    throw error;
  }
};

/** Who asks for a command asks for its container too, and first. */
const knownExec = (engine: Engine, query: Request['query'], exec: string): void => {
  if (execBookOf(engine).has(exec)) return;
  const { id } = findMember(engine, refOf(query)).container;
  const params = { exec, container: id };
  throw new EngineError('not-found', 'exec.unknown', `no such exec: ${exec}`, { params });
};

const ofExec = async (engine: Engine, id: string): Promise<number> =>
  inTime(id, execBookOf(engine).get(id).exit, { code: 'exec.running', words: 'has not ended yet' });

const shared = {
  method: 'GET',
  summary: 'Wait for the end of a container or command, and say how it ended',
  query: ExitCodeQuery,
  replies: { 200: ExitCode },
  handler: answer,
} as const;

export const exitCode = defineRoute({ ...shared, id: 'exitcode', path: '/exitcode', since: '0.5' });

/** As the document calls it. */
export const containerExitCode = defineRoute({
  ...shared,
  id: 'container-exitcode',
  path: '/container/exitcode',
  since: '0.5',
});
