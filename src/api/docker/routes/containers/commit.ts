import type { Static } from 'typebox';
import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import type { CommitContainer } from '#engine/engine.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeConfig } from '#api/docker/decode/config.ts';
import { CommitAnswer, CommitBody, CommitQuery } from '#api/docker/schema/commit.ts';

export const containerCommit = defineRoute({
  id: 'commit',
  method: 'POST',
  path: '/commit',
  summary: 'Make an image of a container',
  since: '1.0',
  query: CommitQuery,
  body: Type.Optional(CommitBody),
  bodyType: 'json',
  bodyTypeSince: '1.15',
  replies: { 201: CommitAnswer },
  handler: async ({ query, body, http }, { engine }): Promise<Reply> => {
    const id = await engine.containers.commit(query.container ?? '', {
      ...decodeCommit(query, body ?? query.run),
      signal: http.signal,
    });
    return { kind: 'json', status: 201, body: { Id: id } };
  },
});

/** A configuration that says nothing at all is none. */
const decodeCommit = (
  query: Static<typeof CommitQuery>,
  body: Static<typeof CommitBody> | undefined,
): CommitContainer => ({
  repository: query.repo ?? '',
  tag: query.tag ?? '',
  author: query.author ?? '',
  comment: query.comment || (query.m ?? ''),
  pause: query.pause ?? query.staysRunning !== true,
  changes: query.changes ?? [],
  ...(body === undefined || Object.values(body).every((value) => value === undefined)
    ? {}
    : { config: decodeConfig(body) }),
});
