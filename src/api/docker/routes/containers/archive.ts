import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentPathStat } from '#api/docker/present/path-stat.ts';
import { ArchiveQuery, CopyBody, PutArchiveQuery } from '#api/docker/schema/archive.ts';
import type { PathAsked, PutArchive } from '#engine/engine.ts';

const TAR = 'application/x-tar';

export const containerArchiveStat = defineRoute({
  id: 'container-archive-stat',
  method: 'HEAD',
  path: '/containers/{name}/archive',
  summary: 'What is at a path of a container',
  since: '1.20',
  query: ArchiveQuery,
  replies: { 200: null },
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    const stat = await engine.containers.statPath(params.name, asked(query.path, http));
    return { kind: 'empty', status: 200, headers: presentPathStat(stat) };
  },
});

export const containerArchiveGet = defineRoute({
  id: 'container-archive-get',
  method: 'GET',
  path: '/containers/{name}/archive',
  summary: 'An archive of a file or directory of a container',
  since: '1.20',
  query: ArchiveQuery,
  replies: { 200: null },
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    const { stat, content } = await engine.containers.getArchive(params.name, asked(query.path, http));
    const headers = presentPathStat(stat);
    return { kind: 'bytes', status: 200, contentType: TAR, start: 'with-first', body: content, headers };
  },
});

export const containerArchivePut = defineRoute({
  id: 'container-archive-put',
  method: 'PUT',
  path: '/containers/{name}/archive',
  summary: 'Unpack an archive into a directory of a container',
  since: '1.20',
  query: PutArchiveQuery,
  bodyKind: 'stream',
  replies: { 200: null },
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    await engine.containers.putArchive(params.name, {
      path: query.path,
      keepKinds: query.noOverwriteDirNonDir,
      owner: ownerFor(query),
      content: http.stream(),
      signal: http.signal,
    });
    return { kind: 'empty', status: 200 };
  },
});

const asked = (path: string, { signal }: HttpRequest): PathAsked => ({ path, signal });

const ownerFor = (query: { copyUIDGID: boolean; ownedByRoot?: boolean | undefined }): PutArchive['owner'] => {
  if (query.ownedByRoot === true) return 'root';
  return query.copyUIDGID ? 'user' : 'archive';
};

/** A container nobody knows is answered without a word (docker-routes.md R22). */
export const containerCopy = defineRoute({
  id: 'container-copy',
  method: 'POST',
  path: '/containers/{name}/copy',
  summary: 'An archive of a file or directory of a container, links followed',
  since: '1.4',
  until: '1.24',
  body: CopyBody,
  bodyType: 'json',
  replies: { 200: null, 404: null },
  handler: async ({ params, body, http }, { engine }): Promise<Reply> => {
    try {
      const { content } = await engine.containers.copyPath(params.name, asked(body.Resource ?? '', http));
      return { kind: 'bytes', status: 200, contentType: TAR, start: 'with-first', body: content };
    } catch (error) {
      if (isEngineError(error, 'not-found') && error.code === 'container.not-found')
        return { kind: 'empty', status: 404 };
      throw error;
    }
  },
});
