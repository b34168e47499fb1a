import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { TagQuery } from '#api/docker/schema/image.ts';

export const imageTag = defineRoute({
  id: 'image-tag',
  method: 'POST',
  path: '/images/{name}/tag',
  summary: 'Give an image one more name',
  since: '1.0',
  query: TagQuery,
  replies: { 201: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    await engine.images.tag(params.name, query.repo, query.tag ?? '');
    return { kind: 'empty', status: 201 };
  },
});
