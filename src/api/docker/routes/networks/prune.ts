import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { NetworkPruneAnswer, NetworkPruneQuery } from '#api/docker/schema/network.ts';
import { EngineError } from '#domain/error/engine-error.ts';

const KNOWN: ReadonlySet<string> = new Set(['label', 'label!', 'until']);

export const networkPrune = defineRoute({
  id: 'network-prune',
  method: 'POST',
  path: '/networks/prune',
  summary: 'Remove unused networks: predefined ones never are',
  since: '1.25',
  query: NetworkPruneQuery,
  replies: { 200: NetworkPruneAnswer },
  handler: async ({ query }): Promise<Reply> => {
    const unknown = Object.keys(query.filters).find((key) => !KNOWN.has(key));
    if (unknown !== undefined)
      throw new EngineError('invalid', 'filter.unknown', `invalid filter '${unknown}'`, {
        params: { key: unknown },
      });
    return { kind: 'json', status: 200, body: { NetworksDeleted: null } };
  },
});
