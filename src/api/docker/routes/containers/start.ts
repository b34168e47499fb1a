import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeStartHost } from '#api/docker/decode/container-body.ts';
import { StartQuery } from '#api/docker/schema/container-query.ts';
import { StartBody } from '#api/docker/schema/create-body.ts';

export const containerStart = defineRoute({
  id: 'container-start',
  method: 'POST',
  path: '/containers/{name}/start',
  summary: 'Start a container',
  since: '1.0',
  query: StartQuery,
  body: Type.Optional(StartBody),
  replies: { 204: null, 304: null },
  handler: async ({ params, query, body }, { engine }): Promise<Reply> => {
    const container = engine.containers.get(params.name);
    if (
      query.takesHost !== true &&
      body !== undefined &&
      Object.values(body).some((value) => value !== undefined)
    ) {
      const text =
        'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24';
      throw new EngineError('invalid', 'start.body', text);
    }
    const host = decodeStartHost(body, container);
    await engine.containers.start(params.name, host === undefined ? {} : { host });
    return { kind: 'empty', status: 204 };
  },
});
