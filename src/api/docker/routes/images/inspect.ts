import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { checkPlatform } from '#api/docker/decode/platform.ts';
import { presentImage } from '#api/docker/present/image.ts';
import { ImageAnswer } from '#api/docker/schema/image.ts';
import { ImageInspectQuery } from '#api/docker/schema/image-query.ts';
import { EngineError } from '#domain/error/engine-error.ts';

export const imageInspect = defineRoute({
  id: 'image-inspect',
  method: 'GET',
  path: '/images/{name}/json',
  summary: 'What an image is made of',
  since: '1.0',
  query: ImageInspectQuery,
  replies: { 200: ImageAnswer },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    if (query.manifests && query.platform !== undefined) {
      throw new EngineError(
        'invalid',
        'image.manifests-and-platform',
        'conflicting options: manifests and platform options cannot both be set',
      );
    }
    const view = engine.images.get(params.name);
    checkPlatform(engine, params.name, query.platform);
    return { kind: 'json', status: 200, body: presentImage(view, (await engine.system.info()).snapshotter) };
  },
});
