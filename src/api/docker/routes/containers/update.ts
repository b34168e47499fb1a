import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeUpdate } from '#api/docker/decode/update.ts';
import { UpdateAnswer, UpdateBody } from '#api/docker/schema/update-body.ts';

export const containerUpdate = defineRoute({
  id: 'container-update',
  method: 'POST',
  path: '/containers/{name}/update',
  summary: 'Change limits and restart policy of a container',
  since: '1.22',
  body: UpdateBody,
  bodyType: 'json',
  replies: { 200: UpdateAnswer },
  handler: async ({ params, body }, { engine }): Promise<Reply> => {
    const warnings = await engine.containers.update(params.name, decodeUpdate(body));
    return { kind: 'json', status: 200, body: { Warnings: warnings.length === 0 ? null : warnings } };
  },
});
