import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { flagFilter, pruneFilter } from '#api/docker/decode/prune-filters.ts';
import { presentRemoved } from '#api/docker/present/image.ts';
import { ImagePruneAnswer, PruneQuery } from '#api/docker/schema/prune.ts';

export const imagePrune = defineRoute({
  id: 'image-prune',
  method: 'POST',
  path: '/images/prune',
  summary: 'Remove the images that nothing uses',
  since: '1.25',
  query: PruneQuery,
  replies: { 200: ImagePruneAnswer },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    const matches = pruneFilter(query.filters, ['dangling']);
    const { removed, reclaimedBytes } = await engine.images.prune({
      danglingOnly: flagFilter(query.filters, 'dangling', true),
      matches: ({ image }) => matches({ createdAt: image.createdAt, labels: image.config.labels }),
      signal: http.signal,
    });
    const items = removed.map((item) => presentRemoved(item, ''));
    const body = { ImagesDeleted: items.length === 0 ? null : items, SpaceReclaimed: reclaimedBytes };
    return { kind: 'json', status: 200, body };
  },
});
