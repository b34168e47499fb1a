import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { selectImages } from '#api/hyper/decode/image-filter.ts';
import { required } from '#api/hyper/lookup/containers.ts';
import { presentImageLines } from '#api/hyper/present/images.ts';
import { ImagesAnswer, ImagesQuery, SaveQuery } from '#api/hyper/schema/image.ts';

export const imageList = defineRoute({
  id: 'image-list',
  method: 'GET',
  path: '/images/get',
  summary: 'List images, newest first',
  since: '0.3',
  query: ImagesQuery,
  replies: { 200: ImagesAnswer },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const views = selectImages(engine.images.list(), { ...query, filter: query.filter ?? '' });
    return { kind: 'json', status: 200, body: { imagesList: views.flatMap(presentImageLines) } };
  },
});

/** The archive is of both formats at once, whichever is asked for. */
export const imageSave = defineRoute({
  id: 'image-save',
  method: 'GET',
  path: '/images/save',
  summary: 'An archive of images',
  since: '0.8',
  query: SaveQuery,
  replies: { 200: null },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    required('names', query.names[0]);
    return {
      kind: 'bytes',
      status: 200,
      contentType: 'application/x-tar',
      start: 'with-first',
      body: await engine.images.save(query.names, { signal: http.signal }),
    };
  },
});
