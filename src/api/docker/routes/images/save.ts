import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { defineRoute } from '#api/docker/context.ts';
import { checkPlatform } from '#api/docker/decode/platform.ts';
import { SaveManyQuery, SaveQuery } from '#api/docker/schema/image-query.ts';
import type { Engine } from '#engine/engine.ts';

const save = async (
  refs: readonly string[],
  { isLegacy }: { readonly isLegacy?: boolean },
  { http, engine }: { readonly http: HttpRequest; readonly engine: Engine },
): Promise<Reply> => ({
  kind: 'bytes',
  status: 200,
  contentType: 'application/x-tar',
  start: 'with-first',
  body: await engine.images.save(refs, { signal: http.signal, isLegacy: isLegacy === true }),
});

export const imageSave = defineRoute({
  id: 'image-save',
  method: 'GET',
  path: '/images/{name}/get',
  summary: 'An archive of one image',
  since: '1.7',
  query: SaveQuery,
  replies: { 200: null },
  handler: async ({ params, query, http }, { engine }) => {
    checkPlatform(engine, params.name, query.platform);
    return save([params.name], query, { http, engine });
  },
});

export const imagesSave = defineRoute({
  id: 'images-save',
  method: 'GET',
  path: '/images/get',
  summary: 'An archive of several images',
  since: '1.15',
  query: SaveManyQuery,
  replies: { 200: null },
  handler: async ({ query, http }, { engine }) => {
    for (const name of query.names) checkPlatform(engine, name, query.platform);
    return save(query.names, query, { http, engine });
  },
});
