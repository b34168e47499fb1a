import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { decodeCommitConfig } from '#api/hyper/decode/commit-config.ts';
import { decodeWords } from '#api/hyper/decode/words.ts';
import { findMember, refOf, required } from '#api/hyper/lookup/containers.ts';
import { CommitBody } from '#api/hyper/schema/commit-body.ts';
import { CommitQuery, RenameQuery } from '#api/hyper/schema/container-query.ts';
import { Done } from '#api/hyper/schema/answers.ts';

export const containerRename = defineRoute({
  id: 'container-rename',
  method: 'POST',
  path: '/container/rename',
  summary: 'Give a container another name',
  since: '0.4',
  query: RenameQuery,
  replies: { 200: Done },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const { container } = findMember(engine, required('oldName', query.oldName || query.oleName));
    const name = required('newName', query.newName);
    await engine.containers.rename(container.id, name.startsWith('/') ? name.slice(1) : name);
    return { kind: 'json', status: 200, body: { Cause: '', Code: 0, ID: name } };
  },
});

export const containerCommit = defineRoute({
  id: 'container-commit',
  method: 'POST',
  path: '/container/commit',
  summary: 'Make an image of a container',
  since: '0.3',
  query: CommitQuery,
  body: Type.Optional(CommitBody),
  replies: { 200: Done },
  handler: async ({ query, body, http }, { engine }): Promise<Reply> => {
    const { container } = findMember(engine, refOf(query));
    const id = await engine.containers.commit(container.id, {
      repository: query.repo ?? '',
      tag: query.tag ?? '',
      author: query.author ?? '',
      comment: query.comment || (query.message ?? ''),
      pause: query.pause === true,
      signal: http.signal,
      ...(body === undefined ? {} : { config: decodeCommitConfig(body) }),
      // One by one, or several as one JSON array: clients do both.
      changes: [...query.changes, ...query.change].flatMap((text) => decodeWords(text) ?? [text]),
    });
    return { kind: 'json', status: 200, body: { Cause: '', Code: 0, ID: id } };
  },
});
