import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { RemoveQuery } from '#api/docker/schema/container-query.ts';
import { refusePaused } from './stop.ts';

export const containerRemove = defineRoute({
  id: 'container-remove',
  method: 'DELETE',
  path: '/containers/{name}',
  summary: 'Remove a container',
  since: '1.0',
  query: RemoveQuery,
  replies: { 204: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    if (query.force && !query.link) refusePaused(engine, params.name, query.refusesPaused);
    await engine.containers.remove(params.name, { force: query.force, volumes: query.v, link: query.link });
    return { kind: 'empty', status: 204 };
  },
});
