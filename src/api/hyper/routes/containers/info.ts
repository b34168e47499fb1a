import type { Reply } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { findMember, refOf } from '#api/hyper/lookup/containers.ts';
import { presentContainerInfo } from '#api/hyper/present/container.ts';
import { ContainerInfo } from '#api/hyper/schema/container.ts';
import { ContainerQuery } from '#api/hyper/schema/container-query.ts';

export const containerInfo = defineRoute({
  id: 'container-info',
  method: 'GET',
  path: '/container/info',
  summary: 'A container as it is',
  since: '0.4',
  query: ContainerQuery,
  replies: { 200: ContainerInfo, 201: ContainerInfo },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const ref = refOf(query);
    if (ref === '') throw new EngineError('invalid', 'container.no-name', 'Empty container name');
    const { container, pod } = findMember(engine, ref);
    return { kind: 'json', status: 200, body: presentContainerInfo(container, pod) };
  },
});
