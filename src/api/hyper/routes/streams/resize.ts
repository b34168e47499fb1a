import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { findMember, firstOf, refOf } from '#api/hyper/lookup/containers.ts';
import { findPod, findVm } from '#api/hyper/lookup/pods.ts';
import { ResizeQuery } from '#api/hyper/schema/container-query.ts';
import { execBookOf, inTime } from '#api/hyper/streams/exec-book.ts';
import type { Engine } from '#engine/engine.ts';

export const ttyResize = defineRoute({
  id: 'tty-resize',
  method: 'POST',
  path: '/tty/resize',
  summary: 'Set the size of a terminal',
  since: '0.1',
  query: ResizeQuery,
  replies: { 200: null },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const size = { rows: query.h, columns: query.w };
    const exec = execOf(engine, query);
    if (exec === undefined) await engine.containers.resize(containerOf(engine, refOf(query)), size);
    else await engine.execs.resize(await exec, size);
    return { kind: 'empty', status: 200 };
  },
});

/** The exec that is named; a tag of an older client may also be that of an attached container: then none is. */
const execOf = (engine: Engine, query: Static<typeof ResizeQuery>): Promise<string> | undefined => {
  const { exec, tag } = query;
  if (exec !== undefined && exec !== '') return begun(engine, exec);
  if (tag === undefined || tag === '') return undefined;
  try {
    return begun(engine, tag);
  } catch (error) {
    if (isEngineError(error, 'not-found')) return undefined;
    throw error;
  }
};

/** Clients tell the size at once, also before the start has come. */
const begun = (engine: Engine, id: string): Promise<string> =>
  inTime(id, execBookOf(engine).get(id).begun, { code: 'exec.not-begun', words: 'has not begun yet' });

/** Older clients name the pod or its sandbox. */
const containerOf = (engine: Engine, ref: string): string => {
  try {
    return findMember(engine, ref).container.id;
  } catch (error) {
    if (!isEngineError(error, 'not-found') || !isPodOrVm(engine, ref)) throw error;
    return firstOf(engine, ref).container.id;
  }
};

const isPodOrVm = (engine: Engine, ref: string): boolean =>
  findPod(engine, ref) !== undefined || (ref !== '' && findVm(engine, ref) !== undefined);
