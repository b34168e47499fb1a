import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { TopAnswer, TopQuery } from '#api/docker/schema/stats.ts';

const DEFAULT_ARGUMENTS = '-ef';

export const containerTop = defineRoute({
  id: 'container-top',
  method: 'GET',
  path: '/containers/{name}/top',
  summary: 'The processes of a container',
  since: '1.3',
  query: TopQuery,
  replies: { 200: TopAnswer },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    const text = query.ps_args ?? '';
    const words = text === '' || text === DEFAULT_ARGUMENTS ? undefined : text.split(' ');
    const { titles, rows } = await engine.containers.top(params.name, words);
    return {
      kind: 'json',
      status: 200,
      body: { Titles: [...titles], Processes: rows.length === 0 ? null : rows.map((row) => [...row]) },
    };
  },
});
