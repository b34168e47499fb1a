import { defineRoute } from '#api/docker/context.ts';
import { VolumeRemoveQuery } from '#api/docker/schema/volume.ts';

export const volumeRemove = defineRoute({
  id: 'volume-remove',
  method: 'DELETE',
  path: '/volumes/{name}',
  summary: 'Remove a volume that no container has',
  since: '1.21',
  query: VolumeRemoveQuery,
  replies: { 204: null },
  handler: async ({ params, query }, { engine }) => {
    await engine.volumes.remove(params.name, { force: query.force });
    return { kind: 'empty', status: 204 };
  },
});
