import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { RenameQuery } from '#api/docker/schema/container-query.ts';

export const containerRename = defineRoute({
  id: 'container-rename',
  method: 'POST',
  path: '/containers/{name}/rename',
  summary: 'Give a container another name',
  since: '1.17',
  query: RenameQuery,
  replies: { 204: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    await engine.containers.rename(params.name, query.name);
    return { kind: 'empty', status: 204 };
  },
});
