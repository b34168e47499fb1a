import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { checkPlatform } from '#api/docker/decode/platform.ts';
import { presentHistory } from '#api/docker/present/image.ts';
import { HistoryItem } from '#api/docker/schema/image.ts';
import { HistoryQuery } from '#api/docker/schema/image-query.ts';

export const imageHistory = defineRoute({
  id: 'image-history',
  method: 'GET',
  path: '/images/{name}/history',
  summary: 'The steps that made an image, newest first',
  since: '1.0',
  query: HistoryQuery,
  replies: { 200: Type.Array(HistoryItem) },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    checkPlatform(engine, params.name, query.platform);
    return { kind: 'json', status: 200, body: engine.images.history(params.name).map(presentHistory) };
  },
});
