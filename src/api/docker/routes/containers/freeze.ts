import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';

export const containerPause = defineRoute({
  id: 'container-pause',
  method: 'POST',
  path: '/containers/{name}/pause',
  summary: 'Freeze all processes of a container',
  since: '1.12',
  replies: { 204: null },
  handler: async ({ params }, { engine }): Promise<Reply> => {
    await engine.containers.pause(params.name);
    return { kind: 'empty', status: 204 };
  },
});

export const containerUnpause = defineRoute({
  id: 'container-unpause',
  method: 'POST',
  path: '/containers/{name}/unpause',
  summary: 'Let the processes of a container go on',
  since: '1.12',
  replies: { 204: null },
  handler: async ({ params }, { engine }): Promise<Reply> => {
    await engine.containers.unpause(params.name);
    return { kind: 'empty', status: 204 };
  },
});
