import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/hyper/context.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { required } from '#api/hyper/lookup/containers.ts';
import { familiar } from '#api/hyper/present/images.ts';
import { RemovedAnswer, RemoveQuery } from '#api/hyper/schema/image.ts';
import type { RemovedImage } from '#engine/engine.ts';

type Request = { readonly query: Static<typeof RemoveQuery> };

const remove = async ({ query }: Request, { engine }: HyperContext): Promise<Reply> => {
  const ref = required('imageId', query.imageId?.trim());
  const removed = await engine.images.remove(ref, {
    force: query.force === true,
    prune: query.noprune !== true,
  });
  return { kind: 'json', status: 200, body: { imagesList: removed.map(presentRemoved) } };
};

const presentRemoved = (item: RemovedImage): { untaged: string } | { deleted: string } =>
  'untagged' in item ? { untaged: familiar(item.untagged) } : { deleted: item.deleted };

const shared = {
  method: 'DELETE',
  summary: 'Take a name from an image, and the image with its last one',
  query: RemoveQuery,
  replies: { 200: RemovedAnswer },
  handler: remove,
} as const;

export const imageRemove = defineRoute({ ...shared, id: 'image-remove', path: '/image', since: '0.5' });

/** As clients of Kubernetes called it. */
export const imagesRemove = defineRoute({ ...shared, id: 'images-remove', path: '/images', since: '0.5' });

/** The oldest clients: both wishes are yes unless told otherwise, and nothing is said of what went. */
export const imagesRemoveOld = defineRoute({
  id: 'images-remove-old',
  method: 'POST',
  path: '/images/remove',
  summary: 'Remove an image, as the oldest clients ask',
  since: '0.3',
  query: RemoveQuery,
  replies: { 200: RemovedAnswer },
  handler: async ({ query }, context): Promise<Reply> => {
    await remove(
      { query: { ...query, force: query.force ?? true, noprune: query.noprune ?? true } },
      context,
    );
    return { kind: 'json', status: 200, body: { imagesList: [] } };
  },
});
