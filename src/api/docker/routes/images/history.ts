import { Type } from 'typebox';
import { since } from '#api/dialect/lifetime.ts';
import { json } from '#api/dialect/schema.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { checkPlatform } from '#api/docker/decode/platform.ts';
import { presentHistory } from '#api/docker/present/image.ts';
import { HistoryItem, PlatformJson } from '#api/docker/schema/image.ts';

export const imageHistory = defineRoute({
  id: 'image-history',
  method: 'GET',
  path: '/images/{name}/history',
  summary: 'The steps that made an image, newest first',
  since: '1.0',
  query: Type.Object(
    { platform: Type.Optional(Type.With(PlatformJson, { ...json, ...since('1.48') })) },
    { $id: 'ImageHistoryQuery' },
  ),
  replies: { 200: Type.Array(HistoryItem) },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    checkPlatform(engine.images.get(params.name), query.platform, params.name);
    return { kind: 'json', status: 200, body: engine.images.history(params.name).map(presentHistory) };
  },
});
