import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { podRef } from '#api/hyper/lookup/pods.ts';
import { Done, Nothing } from '#api/hyper/schema/answers.ts';
import { PodStopped } from '#api/hyper/schema/pod.ts';
import { PodKillQuery, PodQuery, PodStopQuery } from '#api/hyper/schema/pod-query.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import type { PodRef } from '#api/hyper/lookup/pods.ts';

export const podStop = defineRoute({
  id: 'pod-stop',
  method: 'POST',
  path: '/pod/stop',
  summary: 'End the containers of a pod and its sandbox',
  since: '0.1',
  query: PodStopQuery,
  replies: { 200: PodStopped },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const ref = podRef(query);
    const keptVm = (query.stopVm || query.stopVM || '').trim().toLowerCase() === 'no';
    try {
      await engine.pods.stop(ref, { keepSandbox: keptVm });
    } catch (error) {
      // It does not run, as was wished.
      if (!isEngineError(error, 'unchanged')) throw error;
    }
    return { kind: 'json', status: 200, body: { Cause: '', Code: 0, ID: ref, keptVm } };
  },
});

const remove = async ({ query }: { readonly query: PodRef }, { engine }: HyperContext): Promise<Reply> => {
  const ref = podRef(query);
  await engine.pods.remove(ref, {});
  return { kind: 'json', status: 200, body: { Cause: '', Code: 0, ID: ref } };
};

const removal = {
  summary: 'End a pod and remove it with its containers and volumes',
  query: PodQuery,
  replies: { 200: Done },
  handler: remove,
} as const;

export const podRemove = defineRoute({
  ...removal,
  id: 'pod-remove',
  method: 'DELETE',
  path: '/pod',
  since: '0.5',
});

export const podRemoveOld = defineRoute({
  ...removal,
  id: 'pod-remove-old',
  method: 'POST',
  path: '/pod/remove',
  since: '0.1',
});

const SIGTERM = 15;

export const podKill = defineRoute({
  id: 'pod-kill',
  method: 'POST',
  path: '/pod/kill',
  summary: 'Send a signal to the containers of a pod; 9 takes the sandbox away',
  since: '0.6',
  query: PodKillQuery,
  replies: { 200: Nothing },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const signal = String(query.signal ?? SIGTERM);
    const pod = podRef(query);
    const container = query.container ?? '';
    try {
      await engine.pods.kill(pod, { signal, container });
    } catch (error) {
      if (!isForgiven(error, query)) throw explainMember(error, container, pod);
    }
    return { kind: 'json', status: 200, body: {} };
  },
});

/** Where nothing runs there is nobody to be told; that was an error once. */
const isForgiven = (error: unknown, { isOlder }: Static<typeof PodKillQuery>): boolean =>
  isOlder !== true && isEngineError(error) && error.code === 'pod.not-running';

/** The sentence names both. */
const explainMember = (error: unknown, container: string, pod: string): unknown => {
  if (!isEngineError(error)) return error;
  if (error.code === 'pod.not-running')
    return new EngineError(error.kind, 'pod.down', error.message, { params: { container }, cause: error });
  if (error.code !== 'pod.no-container' && error.code !== 'container.not-found') return error;
  const params = { ref: container, pod };
  return new EngineError('not-found', 'pod.no-container', error.message, { params, cause: error });
};

export const podPause = defineRoute({
  id: 'pod-pause',
  method: 'POST',
  path: '/pod/pause',
  summary: 'Freeze a pod',
  since: '0.5',
  query: PodQuery,
  replies: { 204: null },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    await engine.pods.pause(podRef(query));
    return { kind: 'empty', status: 204 };
  },
});

export const podUnpause = defineRoute({
  id: 'pod-unpause',
  method: 'POST',
  path: '/pod/unpause',
  summary: 'Thaw a pod',
  since: '0.5',
  query: PodQuery,
  replies: { 204: null },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    await engine.pods.unpause(podRef(query));
    return { kind: 'empty', status: 204 };
  },
});
