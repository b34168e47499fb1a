import { Type } from 'typebox';
import { mapItems } from '#api/dialect/framing.ts';
import { since, until } from '#api/dialect/lifetime.ts';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeAuthHeader } from '#api/docker/decode/credentials.ts';
import { presentStreamError, presentTransfer } from '#api/docker/present/progress.ts';
import { ProgressFrame } from '#api/docker/schema/progress.ts';
import type { Engine, TransferProgress } from '#engine/engine.ts';
import type { Credentials } from '#domain/registry/credentials.ts';
import { EngineError } from '#domain/error/engine-error.ts';

const CreateImageQuery = Type.Object(
  {
    fromImage: Type.Optional(Type.String()),
    fromSrc: Type.Optional(Type.String()),
    repo: Type.Optional(Type.String()),
    tag: Type.Optional(Type.String()),
    registry: Type.Optional(Type.String(until('1.4'))),
    message: Type.Optional(Type.String(since('1.21'))),
    changes: Type.Array(Type.String(), since('1.18')),
    platform: Type.Optional(Type.String(since('1.32'))),
  },
  { $id: 'CreateImageQuery' },
);

type Query = {
  readonly fromImage?: string;
  readonly fromSrc?: string;
  readonly repo?: string;
  readonly tag?: string;
  readonly registry?: string;
  readonly message?: string;
  readonly changes: readonly string[];
  readonly platform?: string;
};

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
    return {
      kind: 'frames',
      status: 200,
      start: 'with-first',
      frames: mapItems(isPull ? pull(query, http, engine) : importFrom(query, http, engine), (step) => [presentTransfer(step)]),
      onError: presentStreamError,
    };
  },
});

const pull = (query: Query, http: HttpRequest, engine: Engine): AsyncIterable<TransferProgress> => {
  const credentials = credentialsFor(http, engine);
  const registry = query.registry ?? '';
  return engine.images.pull({
    repository: registry === '' ? (query.fromImage ?? '') : `${registry}/${query.fromImage ?? ''}`,
    tag: query.tag ?? '',
    platform: query.platform ?? '',
    ...(credentials === undefined ? {} : { credentials }),
    headers: metaHeaders(http),
    signal: http.signal,
  });
};

/** Clients of API 1.0 and 1.1 leave their login with the daemon. */
const credentialsFor = (http: HttpRequest, engine: Engine): Credentials | undefined =>
  decodeAuthHeader(http.headers['x-registry-auth']) ?? engine.system.storedLogin();

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
