import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { TagQuery } from '#api/docker/schema/image-query.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import {
  DEFAULT_HOST,
  familiarRepository,
  formatCanonical,
  joinReference,
  withDefaultTag,
} from '#domain/image/reference.ts';
import type { Engine } from '#engine/engine.ts';

export const imageTag = defineRoute({
  id: 'image-tag',
  method: 'POST',
  path: '/images/{name}/tag',
  summary: 'Give an image one more name',
  since: '1.0',
  query: TagQuery,
  replies: { 201: null },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    const tag = query.tag ?? '';
    refuseAlgorithm(query.repo, tag);
    if (query.refusesMove === true) checkUnused(engine, query.repo, tag);
    await engine.images.tag(params.name, query.repo, tag);
    return { kind: 'empty', status: 201 };
  },
});

/** `sha256:abc` would read as half a digest. */
const refuseAlgorithm = (repository: string, tag: string): void => {
  const { host, path } = joinReference(repository, tag);
  if (host !== DEFAULT_HOST || path !== 'library/sha256') return;
  throw new EngineError(
    'invalid',
    'reference.algorithm',
    'refusing to create an ambiguous tag using digest algorithm as name',
  );
};

/** `conflict` `image.tag-in-use` {repository, tag, id}: also when the image itself has the name already. */
const checkUnused = (engine: Engine, repository: string, tag: string): void => {
  const reference = withDefaultTag(joinReference(repository, tag));
  const name = formatCanonical(reference);
  const owner = engine.images.list().find(({ tags }) => tags.includes(name));
  if (owner === undefined) return;
  const { id } = owner.image;
  throw new EngineError('conflict', 'image.tag-in-use', `the name ${name} is image ${id}'s`, {
    params: { repository: familiarRepository(reference), tag: reference.tag, id },
  });
};
