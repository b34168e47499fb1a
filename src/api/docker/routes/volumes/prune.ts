import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { flagFilter, pruneFilter } from '#api/docker/decode/prune-filters.ts';
import { volumeLabels } from '#api/docker/present/volume.ts';
import { VolumePruneAnswer, VolumePruneQuery } from '#api/docker/schema/volume.ts';
import { EngineError } from '#domain/error/engine-error.ts';

export const volumePrune = defineRoute({
  id: 'volume-prune',
  method: 'POST',
  path: '/volumes/prune',
  summary: 'Remove the volumes that no container has: anonymous ones, or all',
  since: '1.25',
  query: VolumePruneQuery,
  replies: { 200: VolumePruneAnswer },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    const { filters } = query;
    // What was made when says nothing about what is in it.
    if (filters['until'] !== undefined)
      throw new EngineError('invalid', 'filter.unknown', `invalid filter 'until'`, {
        params: { key: 'until' },
      });
    const matches = pruneFilter(filters, ['all']);
    const { removed, reclaimedBytes } = await engine.volumes.prune({
      anonymousOnly: !flagFilter(filters, 'all', false),
      matches: (volume) => matches({ createdAt: volume.createdAt, labels: volumeLabels(volume) }),
      signal: http.signal,
    });
    return {
      kind: 'json',
      status: 200,
      body: { VolumesDeleted: [...removed], SpaceReclaimed: reclaimedBytes },
    };
  },
});
