import { Type } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { globMatcher, imageFilter } from '#api/docker/decode/image-filters.ts';
import { familiar, presentImageItem } from '#api/docker/present/image.ts';
import { ImageItem, ImagesQuery } from '#api/docker/schema/image.ts';

const NOT_COMPUTED = -1;

export const imageList = defineRoute({
  id: 'image-list',
  method: 'GET',
  path: '/images/json',
  summary: 'List images, newest first',
  since: '1.0',
  query: ImagesQuery,
  replies: { 200: Type.Array(ImageItem) },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const matches = imageFilter(query.filters, (ref) => engine.images.get(ref));
    const byName = query.filter === undefined || query.filter === '' ? undefined : globMatcher(query.filter);
    const chosen = engine.images
      .list()
      .filter((view) => matches(view) && (byName === undefined || view.tags.map(familiar).some(byName)))
      .toSorted((a, b) => b.image.createdAt - a.image.createdAt);
    const sharedSize = query['shared-size'] ? 0 : NOT_COMPUTED;
    return { kind: 'json', status: 200, body: chosen.map((view) => presentImageItem(view, sharedSize)) };
  },
});
