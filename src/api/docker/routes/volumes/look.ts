import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { volumeFilter } from '#api/docker/decode/volume-filters.ts';
import { presentVolume } from '#api/docker/present/volume.ts';
import { VolumeAnswer, VolumesAnswer, VolumesQuery } from '#api/docker/schema/volume.ts';

export const volumeList = defineRoute({
  id: 'volume-list',
  method: 'GET',
  path: '/volumes',
  summary: 'List volumes',
  since: '1.21',
  query: VolumesQuery,
  replies: { 200: VolumesAnswer },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const volumes = engine.volumes.list().filter(volumeFilter(query.filters));
    return { kind: 'json', status: 200, body: { Volumes: volumes.map(presentVolume), Warnings: null } };
  },
});

export const volumeInspect = defineRoute({
  id: 'volume-inspect',
  method: 'GET',
  path: '/volumes/{name}',
  summary: 'A volume',
  since: '1.21',
  replies: { 200: VolumeAnswer },
  handler: async ({ params }, { engine }): Promise<Reply> => ({
    kind: 'json',
    status: 200,
    body: presentVolume(engine.volumes.get(params.name)),
  }),
});
