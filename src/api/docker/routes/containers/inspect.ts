import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentContainer } from '#api/docker/present/container-inspect.ts';
import { InspectQuery } from '#api/docker/schema/container-query.ts';
import { ContainerAnswer } from '#api/docker/schema/container.ts';

export const containerInspect = defineRoute({
  id: 'container-inspect',
  method: 'GET',
  path: '/containers/{name}/json',
  summary: 'Everything about one container',
  since: '1.0',
  query: InspectQuery,
  replies: { 200: ContainerAnswer },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    const container = engine.containers.get(params.name);
    const body = presentContainer({
      container,
      root: engine.containers.rootDescription(container.id),
      execIds: engine.containers.execIds(container.id),
      ...(query.size ? { size: await engine.containers.size(container.id) } : {}),
    });
    return { kind: 'json', status: 200, body };
  },
});
