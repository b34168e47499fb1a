import { mapItems } from '#api/dialect/framing.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeConfig } from '#api/docker/decode/config.ts';
import { presentGraph } from '#api/docker/present/image-graph.ts';
import { presentStreamError, presentTransfer } from '#api/docker/present/progress.ts';
import { GetCacheAnswer, GetCacheBody, InsertQuery } from '#api/docker/schema/image-extras.ts';
import { ProgressFrame } from '#api/docker/schema/progress.ts';
import { EngineError } from '#domain/error/engine-error.ts';

/** What only clients before API 1.12 ask of images. */

export const imageViz = defineRoute({
  id: 'image-viz',
  method: 'GET',
  path: '/images/viz',
  summary: 'All images as a graph',
  since: '1.0',
  until: '1.7',
  replies: {},
  handler: async (_request, { engine }): Promise<Reply> => ({
    kind: 'text',
    status: 200,
    body: presentGraph(engine.images.list()),
    contentType: 'text/plain; charset=utf-8',
  }),
});

export const imageVizGone = defineRoute({
  id: 'image-viz-gone',
  method: 'GET',
  path: '/images/viz',
  summary: 'Says that clients draw the graph themselves',
  since: '1.7',
  replies: {},
  handler: async () => {
    throw new EngineError('not-found', 'image.viz-gone', 'This is now implemented in the client.');
  },
});

export const imageGetCache = defineRoute({
  id: 'image-get-cache',
  method: 'POST',
  path: '/images/getCache',
  summary: 'The image that a step of a build made before',
  since: '1.0',
  until: '1.5',
  body: GetCacheBody,
  replies: { 200: GetCacheAnswer, 404: null },
  handler: async ({ body }, { engine }): Promise<Reply> => {
    const image = engine.images.cachedChild(body.Id ?? '', decodeConfig(body));
    if (image === undefined) return { kind: 'empty', status: 404 };
    return { kind: 'json', status: 200, body: { Id: image.id.replace(/^sha256:/, '').slice(0, 12) } };
  },
});

export const imageInsert = defineRoute({
  id: 'image-insert',
  method: 'POST',
  path: '/images/{name}/insert',
  summary: 'A new image: this one with a file from the web in it',
  since: '1.0',
  until: '1.12',
  query: InsertQuery,
  replies: { 200: ProgressFrame },
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    const { url, path } = query;
    const steps = engine.images.insert({ ref: params.name, url, path, signal: http.signal });
    return {
      kind: 'frames',
      status: 200,
      start: 'with-first',
      frames: mapItems(steps, (step) => {
        const frame = presentTransfer(step);
        // The last one says it twice: as a status, and as an answer.
        return step.status.startsWith('sha256:') ? [frame, { Id: step.status.slice(7, 19) }] : [frame];
      }),
      onError: presentStreamError({ route: 'image-insert', params: {}, http }),
    };
  },
});
