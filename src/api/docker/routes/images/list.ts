import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { selectImages } from '#api/docker/decode/image-filters.ts';
import { presentImageItem } from '#api/docker/present/image.ts';
import { NOT_COMPUTED, sharedSizes } from '#api/docker/present/shared-size.ts';
import { ImageItem } from '#api/docker/schema/image.ts';
import { ImagesQuery } from '#api/docker/schema/image-query.ts';

export const imageList = defineRoute({
  id: 'image-list',
  method: 'GET',
  path: '/images/json',
  summary: 'List images, newest first',
  since: '1.0',
  query: ImagesQuery,
  replies: { 200: Type.Array(ImageItem) },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const views = engine.images.list();
    const chosen = selectImages(views, query, (ref) => engine.images.get(ref));
    const sharedSizeOf = query['shared-size'] ? sharedSizes(views) : () => NOT_COMPUTED;
    const items = chosen
      .toSorted((a, b) => b.image.createdAt - a.image.createdAt)
      .map((view) => presentImageItem(view, sharedSizeOf(view)));
    return { kind: 'json', status: 200, body: items };
  },
});
