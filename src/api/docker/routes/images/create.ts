import type { Static } from 'typebox';
import { mapItems } from '#api/dialect/framing.ts';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeAuthHeader } from '#api/docker/decode/credentials.ts';
import { presentStreamError, presentTransfer } from '#api/docker/present/progress.ts';
import { CreateImageQuery } from '#api/docker/schema/image-query.ts';
import { ProgressFrame } from '#api/docker/schema/progress.ts';
import type { Engine, TransferProgress } from '#engine/engine.ts';
import { EngineError } from '#domain/error/engine-error.ts';

type Query = Static<typeof CreateImageQuery>;

export const imageCreate = defineRoute({
  id: 'image-create',
  method: 'POST',
  path: '/images/create',
  summary: 'Pull an image from a registry, or import one from a tar',
  since: '1.0',
  query: CreateImageQuery,
  bodyKind: 'stream',
  replies: { 200: ProgressFrame },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    const isPull = query.fromImage !== undefined && query.fromImage !== '';
    if (!isPull && (query.fromSrc ?? '') === '') {
      throw new EngineError('invalid', 'image.no-source', 'one of fromImage and fromSrc is required');
    }
    const steps = isPull ? pull(query, http, engine) : importFrom(query, http, engine);
    return {
      kind: 'frames',
      status: 200,
      start: 'with-first',
      frames: mapItems(steps, (step) => [presentTransfer(step)]),
      onError: presentStreamError({ route: 'image-create', params: {}, http }),
    };
  },
});

const pull = (query: Query, http: HttpRequest, engine: Engine): AsyncIterable<TransferProgress> => {
  const own = decodeAuthHeader(http.headers['x-registry-auth']);
  const credentials = query.usesStoredLogin === true ? (own ?? engine.system.storedLogin()) : own;
  return engine.images.pull({
    repository: query.fromImage ?? '',
    tag: query.tag ?? '',
    platform: query.platform ?? '',
    ...(credentials === undefined ? {} : { credentials }),
    headers: metaHeaders(http),
    signal: http.signal,
  });
};

/** `X-Meta-*` goes on to the registry (docker-routes.md 3.9). */
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
    platform: query.platform ?? '',
    signal: http.signal,
  });
