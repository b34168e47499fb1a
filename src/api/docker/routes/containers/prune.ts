import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { pruneFilter } from '#api/docker/decode/prune-filters.ts';
import { ContainerPruneAnswer, PruneQuery } from '#api/docker/schema/prune.ts';

export const containerPrune = defineRoute({
  id: 'container-prune',
  method: 'POST',
  path: '/containers/prune',
  summary: 'Remove the containers that do not run',
  since: '1.25',
  query: PruneQuery,
  replies: { 200: ContainerPruneAnswer },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    const matches = pruneFilter(query.filters);
    const { removed, reclaimedBytes } = await engine.containers.prune(
      ({ createdAt, config }) => matches({ createdAt, labels: config.labels }),
      http.signal,
    );
    const deleted = removed.length === 0 ? null : removed;
    return {
      kind: 'json',
      status: 200,
      body: { ContainersDeleted: deleted, SpaceReclaimed: reclaimedBytes },
    };
  },
});
