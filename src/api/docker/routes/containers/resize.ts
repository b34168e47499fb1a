import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { ResizeHeaders, ResizeQuery } from '#api/docker/schema/container-query.ts';

export const containerResize = defineRoute({
  id: 'container-resize',
  method: 'POST',
  path: '/containers/{name}/resize',
  summary: "Set the size of a container's terminal",
  since: '1.1',
  query: ResizeQuery,
  headers: ResizeHeaders,
  replies: { 200: null },
  handler: async ({ params, query, headers }, { engine }): Promise<Reply> => {
    const [rows, columns] = headers.isSwapped === true ? [query.w, query.h] : [query.h, query.w];
    await engine.containers.resize(params.name, { rows, columns });
    return { kind: 'empty', status: 200 };
  },
});
