import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentInfo } from '#api/docker/present/info.ts';
import { InfoAnswer } from '#api/docker/schema/info.ts';

export const info = defineRoute({
  id: 'info',
  method: 'GET',
  path: '/info',
  summary: 'What this daemon and its machine are',
  since: '1.0',
  replies: { 200: InfoAnswer },
  handler: async (_request, { engine, daemon }): Promise<Reply> => ({
    kind: 'json',
    status: 200,
    body: presentInfo(await engine.system.info(), engine.system.facts(), { daemon, now: Date.now() }),
  }),
});
