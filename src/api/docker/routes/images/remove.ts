import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/docker/context.ts';
import { checkPlatform, decodePlatforms } from '#api/docker/decode/platform.ts';
import { presentRemoved } from '#api/docker/present/image.ts';
import { RemovedItem } from '#api/docker/schema/image.ts';
import { RemoveImageQuery } from '#api/docker/schema/image-query.ts';

export const imageRemove = defineRoute({
  id: 'image-remove',
  method: 'DELETE',
  path: '/images/{name}',
  summary: 'Take a name from an image, and the image with its last one',
  since: '1.0',
  query: RemoveImageQuery,
  replies: { 200: Type.Array(RemovedItem), 204: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    if (params.name.trim() === '')
      throw new EngineError('invalid', 'image.name-blank', 'image name cannot be blank');
    const { image } = engine.images.get(params.name);
    checkPlatform(engine, params.name, decodePlatforms(query.platforms));
    const removed = await engine.images.remove(params.name, { force: query.force, prune: !query.noprune });
    return { kind: 'json', status: 200, body: removed.map((item) => presentRemoved(item, image.id)) };
  },
});
