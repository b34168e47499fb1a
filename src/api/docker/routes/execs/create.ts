import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeDetachKeys } from '#api/docker/decode/detach-keys.ts';
import { decodeExec } from '#api/docker/decode/exec.ts';
import { ExecBody, ExecCreated } from '#api/docker/schema/exec.ts';

export const execCreate = defineRoute({
  id: 'exec-create',
  method: 'POST',
  path: '/containers/{name}/exec',
  summary: 'Prepare a command in a running container',
  since: '1.15',
  body: ExecBody,
  bodyType: 'json',
  bodyTypeSince: '1.20',
  replies: { 201: ExecCreated },
  handler: async ({ params, body }, { engine }): Promise<Reply> => {
    const config = decodeExec(body);
    decodeDetachKeys(config.detachKeys);
    const id = await engine.execs.create(params.name, config);
    return { kind: 'json', status: 201, body: { Id: id } };
  },
});
