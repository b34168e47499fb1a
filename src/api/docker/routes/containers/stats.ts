import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import type { ContainerStats, StatsRequest } from '#engine/engine.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentStats } from '#api/docker/present/stats.ts';
import { StatsFrame, StatsQuery } from '#api/docker/schema/stats.ts';

type Query = Static<typeof StatsQuery>;

export const containerStats = defineRoute({
  id: 'container-stats',
  method: 'GET',
  path: '/containers/{name}/stats',
  summary: 'What a container uses of processors, memory, disks and networks',
  since: '1.17',
  query: StatsQuery,
  replies: { 200: StatsFrame },
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    const samples = engine.containers.stats(params.name, { mode: modeOf(query), signal: http.signal });
    if (!query.stream) {
      const [only] = await Array.fromAsync(samples);
      // None: nobody listens any more.
      return only === undefined
        ? { kind: 'empty', status: 200 }
        : { kind: 'json', status: 200, body: presentStats(only) };
    }
    return {
      kind: 'frames',
      status: 200,
      contentType: 'application/json',
      start: 'at-once',
      terminator: '\n',
      frames: presented(samples, query.silentWhileStopped === true),
    };
  },
});

const modeOf = (query: Query): StatsRequest['mode'] => {
  if (query.stream) return 'stream';
  return query['one-shot'] ? 'single' : 'pair';
};

const presented = async function* (
  samples: AsyncIterable<ContainerStats>,
  silentWhileStopped: boolean,
): AsyncGenerator<Static<typeof StatsFrame>> {
  for await (const sample of samples)
    if (sample.sample !== undefined || !silentWhileStopped) yield presentStats(sample);
};
