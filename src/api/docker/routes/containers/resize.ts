import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { ResizeQuery } from '#api/docker/schema/container-query.ts';

export const containerResize = defineRoute({
  id: 'container-resize',
  method: 'POST',
  path: '/containers/{name}/resize',
  summary: "Set the size of a container's terminal",
  since: '1.1',
  query: ResizeQuery,
  replies: { 200: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    await engine.containers.resize(params.name, { rows: query.h, columns: query.w });
    return { kind: 'empty', status: 200 };
  },
});
