import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { parseSignal } from '#domain/container/signals.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { Engine } from '#engine/engine.ts';
import { defineRoute } from '#api/docker/context.ts';
import { KillQuery, StopQuery } from '#api/docker/schema/container-query.ts';

type StopOptions = { timeoutSeconds?: number; signal?: string };

const decodeStop = ({ t, signal }: Static<typeof StopQuery>): StopOptions => ({
  ...(t === undefined ? {} : { timeoutSeconds: t }),
  ...(signal === undefined || signal === '' ? {} : { signal }),
});

/** Engines before API 1.22 would not end a paused container; ours thaws it. */
export const refusePaused = (engine: Engine, ref: string, refuses: boolean | undefined): void => {
  const { id, name, state } = engine.containers.get(ref);
  if (refuses === true && state.status === 'paused') {
    throw engineError('container.paused', { id, ref, name, status: state.status });
  }
};

export const containerStop = defineRoute({
  id: 'container-stop',
  method: 'POST',
  path: '/containers/{name}/stop',
  summary: 'Stop a container: its stop signal, then SIGKILL',
  since: '1.0',
  query: StopQuery,
  replies: { 204: null, 304: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    refusePaused(engine, params.name, query.refusesPaused);
    await engine.containers.stop(params.name, decodeStop(query));
    return { kind: 'empty', status: 204 };
  },
});

export const containerRestart = defineRoute({
  id: 'container-restart',
  method: 'POST',
  path: '/containers/{name}/restart',
  summary: 'Stop a container if it runs, and start it',
  since: '1.0',
  query: StopQuery,
  replies: { 204: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    refusePaused(engine, params.name, query.refusesPaused);
    await engine.containers.restart(params.name, decodeStop(query));
    return { kind: 'empty', status: 204 };
  },
});

export const containerKill = defineRoute({
  id: 'container-kill',
  method: 'POST',
  path: '/containers/{name}/kill',
  summary: 'Send a signal to a container',
  since: '1.0',
  query: KillQuery,
  replies: { 204: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    refusePaused(engine, params.name, query.refusesPaused);
    const { state } = engine.containers.get(params.name);
    const isAtRest = !['running', 'paused', 'restarting'].includes(state.status);
    if (!isAtRest || query.acceptsStopped !== true) await engine.containers.kill(params.name, query.signal);
    // What is no signal was refused before anyone looked at the container.
    else if (query.signal !== undefined && query.signal !== '') parseSignal(query.signal);
    return { kind: 'empty', status: 204 };
  },
});
