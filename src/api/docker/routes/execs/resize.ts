import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { ResizeQuery } from '#api/docker/schema/container-query.ts';

export const execResize = defineRoute({
  id: 'exec-resize',
  method: 'POST',
  path: '/exec/{id}/resize',
  summary: "Set the size of a command's terminal",
  since: '1.15',
  query: ResizeQuery,
  replies: { 200: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    await engine.execs.resize(params.id, { rows: query.h, columns: query.w });
    return { kind: 'empty', status: 200 };
  },
});
