import type { Static } from 'typebox';
import { mapItems } from '#api/dialect/framing.ts';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { parseReference } from '#domain/image/reference.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { decodeAuthHeader } from '#api/hyper/decode/credentials.ts';
import { presentLoad, presentStreamError, presentTransfer } from '#api/hyper/present/progress.ts';
import { CreateImageQuery, LoadQuery, ProgressFrame } from '#api/hyper/schema/image.ts';
import type { Engine, TransferProgress } from '#engine/engine.ts';

type Query = Static<typeof CreateImageQuery>;

/** Not called a create: there 404 has a meaning of its own. */
export const imagePull = defineRoute({
  id: 'image-pull',
  method: 'POST',
  path: '/image/create',
  summary: 'Pull an image from a registry, or import one from a tar',
  since: '0.1',
  query: CreateImageQuery,
  bodyKind: 'stream',
  replies: { 200: ProgressFrame },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    const name = (query.imageName ?? '').replace(/:$/u, '');
    if (name === '' && (query.fromSrc ?? '') === '')
      throw new EngineError('invalid', 'image.no-source', 'imageName is required');
    const steps = name === '' ? importFrom(query, http, engine) : pull(name, query, http, engine);
    return {
      kind: 'frames',
      status: 200,
      start: 'with-first',
      frames: mapItems(steps, (step) => [presentTransfer(step)]),
      onError: presentStreamError,
    };
  },
});

/** A name without a tag is its latest image, not all of them. */
const pull = (
  name: string,
  { tag }: Query,
  http: HttpRequest,
  engine: Engine,
): AsyncIterable<TransferProgress> => {
  const credentials = decodeAuthHeader(http.headers['x-registry-auth']);
  const { tag: ownTag, digest } = parseReference(name);
  const own = digest || ownTag;
  const repository = own ? name.slice(0, name.length - own.length - 1) : name;
  return engine.images.pull({
    repository,
    tag: own || tag || 'latest',
    platform: '',
    ...(credentials === undefined ? {} : { credentials }),
    headers: metaHeaders(http),
    signal: http.signal,
  });
};

/** `X-Meta-*` goes on to the registry. */
const metaHeaders = (http: HttpRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(http.headers).flatMap(([name, value]) =>
      name.startsWith('x-meta-') && value !== undefined ? [[name, value]] : [],
    ),
  );

const importFrom = (query: Query, http: HttpRequest, engine: Engine): AsyncIterable<TransferProgress> =>
  engine.images.importLayer({
    source: query.fromSrc === '-' ? http.stream() : { url: query.fromSrc ?? '' },
    repository: query.repo ?? '',
    tag: query.tag ?? '',
    message: query.message ?? '',
    changes: query.changes,
    platform: '',
    signal: http.signal,
  });

export const imageLoad = defineRoute({
  id: 'image-load',
  method: 'POST',
  path: '/image/load',
  summary: 'Take images from an archive',
  since: '0.6',
  query: LoadQuery,
  bodyKind: 'stream',
  replies: { 200: ProgressFrame },
  handler: async ({ http }, { engine }): Promise<Reply> => ({
    kind: 'frames',
    status: 200,
    start: 'with-first',
    frames: mapItems(engine.images.load(http.stream(), http.signal), (step) => [presentLoad(step)]),
    onError: presentStreamError,
  }),
});
