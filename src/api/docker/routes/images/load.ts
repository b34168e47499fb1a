import { mapItems } from '#api/dialect/framing.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentLoad, presentStreamError } from '#api/docker/present/progress.ts';
import { LoadQuery } from '#api/docker/schema/image-query.ts';
import { ProgressFrame } from '#api/docker/schema/progress.ts';

export const imageLoad = defineRoute({
  id: 'image-load',
  method: 'POST',
  path: '/images/load',
  summary: 'Take images from an archive that save has made',
  since: '1.7',
  query: LoadQuery,
  bodyKind: 'stream',
  replies: { 200: ProgressFrame },
  handler: async ({ query, http }, { engine }): Promise<Reply> => ({
    kind: 'frames',
    status: 200,
    // A client of the stream looks for its error there, and nowhere else.
    start: 'with-first-or-failure',
    frames: mapItems(engine.images.load(http.stream(), http.signal), presentLoad(query.quiet)),
    onError: presentStreamError({ route: 'image-load', params: {}, http }),
  }),
});
