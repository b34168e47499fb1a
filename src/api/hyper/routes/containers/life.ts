import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { decodeContainer } from '#api/hyper/decode/user-container.ts';
import { explainName, findMember, refOf } from '#api/hyper/lookup/containers.ts';
import { podRef } from '#api/hyper/lookup/pods.ts';
import { ContainerQuery, CreateQuery, KillQuery } from '#api/hyper/schema/container-query.ts';
import { Created, Nothing } from '#api/hyper/schema/answers.ts';
import { UserContainer } from '#api/hyper/schema/user-container.ts';

const ok = (status = 200): Reply => ({ kind: 'json', status, body: {} });

export const containerCreate = defineRoute({
  id: 'container-create',
  method: 'POST',
  path: '/container/create',
  summary: 'Make a container in a running pod; it waits to be started',
  since: '0.1',
  query: CreateQuery,
  body: Type.Optional(UserContainer),
  bodyType: 'json',
  replies: { 201: Created },
  handler: async ({ query, body }, { engine }): Promise<Reply> => {
    const pod = podRef(query);
    if (pod === '')
      throw new EngineError('invalid', 'pod.unnamed', 'podId is required to create a new container');
    if (body === undefined) throw new EngineError('invalid', 'pod.empty', 'the container is missing');
    try {
      const { id } = await engine.pods.addContainer(pod, decodeContainer(body));
      return { kind: 'json', status: 201, body: { ID: id } };
    } catch (error) {
      throw explainName(engine, error);
    }
  },
});

export const containerStart = defineRoute({
  id: 'container-start',
  method: 'POST',
  path: '/container/start',
  summary: 'Start a container of a running pod',
  since: '0.8',
  query: ContainerQuery,
  replies: { 200: Nothing },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    await engine.pods.startContainer(findMember(engine, refOf(query)).container.id);
    return ok();
  },
});

export const containerStop = defineRoute({
  id: 'container-stop',
  method: 'POST',
  path: '/container/stop',
  summary: 'Ask a container to end, and end it after five seconds',
  since: '0.6',
  query: ContainerQuery,
  replies: { 200: Nothing, 201: Nothing },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    await engine.pods.stopContainer(findMember(engine, refOf(query)).container.id, {});
    return ok();
  },
});

const SIGTERM = 15;

export const containerKill = defineRoute({
  id: 'container-kill',
  method: 'POST',
  path: '/container/kill',
  summary: 'Send a signal to a container',
  since: '0.6',
  query: KillQuery,
  replies: { 201: Nothing },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const { container, pod } = findMember(engine, refOf(query));
    const signal = String(query.signal ?? SIGTERM);
    try {
      await engine.pods.kill(pod.id, { container: container.id, signal });
    } catch (error) {
      // One that does not run has nothing to be told.
      if (!isEngineError(error) || !IS_OVER.has(error.code)) throw error;
    }
    return ok(201);
  },
});

const IS_OVER: ReadonlySet<string> = new Set(['container.not-running', 'pod.not-running']);

export const containerRemove = defineRoute({
  id: 'container-remove',
  method: 'POST',
  path: '/container/remove',
  summary: 'End a container and remove it from its pod',
  since: '0.8',
  query: ContainerQuery,
  replies: { 204: null },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    await engine.pods.removeContainer(findMember(engine, refOf(query)).container.id, {});
    return { kind: 'empty', status: 204 };
  },
});
