import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentVolume } from '#api/docker/present/volume.ts';
import { VolumeAnswer, VolumeCreateBody } from '#api/docker/schema/volume.ts';

export const volumeCreate = defineRoute({
  id: 'volume-create',
  method: 'POST',
  path: '/volumes/create',
  summary: 'Create a volume, or find it there',
  since: '1.21',
  body: VolumeCreateBody,
  bodyType: 'json',
  replies: { 201: VolumeAnswer },
  handler: async ({ body }, { engine }): Promise<Reply> => {
    const volume = await engine.volumes.create({
      name: body.Name ?? '',
      driver: body.Driver ?? '',
      labels: body.Labels ?? {},
      options: body.DriverOpts ?? {},
    });
    return { kind: 'json', status: 201, body: presentVolume(volume) };
  },
});
