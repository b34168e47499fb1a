import { defineRoute } from '#api/docker/context.ts';
import { BuildPruneAnswer } from '#api/docker/schema/prune.ts';

/** `docker system prune` ends with this one: an engine that builds nothing has nothing to give back. */
export const buildPrune = defineRoute({
  id: 'build-prune',
  method: 'POST',
  path: '/build/prune',
  summary: 'Remove the cache of builds: there is none',
  since: '1.31',
  replies: { 200: BuildPruneAnswer },
  handler: async () => ({ kind: 'json', status: 200, body: { CachesDeleted: null, SpaceReclaimed: 0 } }),
});
