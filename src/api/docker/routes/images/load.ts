import { Type } from 'typebox';
import { mapItems } from '#api/dialect/framing.ts';
import { since } from '#api/dialect/lifetime.ts';
import { json } from '#api/dialect/schema.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentLoad, presentStreamError } from '#api/docker/present/progress.ts';
import { PlatformJson } from '#api/docker/schema/image.ts';
import { ProgressFrame } from '#api/docker/schema/progress.ts';

export const imageLoad = defineRoute({
  id: 'image-load',
  method: 'POST',
  path: '/images/load',
  summary: 'Take images from an archive that save has made',
  since: '1.7',
  query: Type.Object(
    {
      quiet: Type.Boolean(since('1.23')),
      platform: Type.Optional(Type.With(PlatformJson, { ...json, ...since('1.48') })),
    },
    { $id: 'LoadQuery' },
  ),
  bodyKind: 'stream',
  replies: { 200: ProgressFrame },
  handler: async ({ query, http }, { engine }): Promise<Reply> => ({
    kind: 'frames',
    status: 200,
    start: 'with-first',
    frames: mapItems(engine.images.load(http.stream(), http.signal), presentLoad(query.quiet)),
    onError: presentStreamError,
  }),
});
