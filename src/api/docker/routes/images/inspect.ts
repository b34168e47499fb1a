import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { checkPlatform } from '#api/docker/decode/platform.ts';
import { presentImage } from '#api/docker/present/image.ts';
import { ImageAnswer, ImageInspectQuery } from '#api/docker/schema/image.ts';

export const imageInspect = defineRoute({
  id: 'image-inspect',
  method: 'GET',
  path: '/images/{name}/json',
  summary: 'What an image is made of',
  since: '1.0',
  query: ImageInspectQuery,
  replies: { 200: ImageAnswer },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    const view = engine.images.get(params.name);
    checkPlatform(view, query.platform, params.name);
    return { kind: 'json', status: 200, body: presentImage(view, (await engine.system.info()).snapshotter) };
  },
});
