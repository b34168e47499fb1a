import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentNetwork } from '#api/docker/present/network.ts';
import { NetworkAnswer, NetworkQuery } from '#api/docker/schema/network.ts';
import { EngineError } from '#domain/error/engine-error.ts';

export const networkInspect = defineRoute({
  id: 'network-inspect',
  method: 'GET',
  path: '/networks/{name}',
  summary: 'A network, and who is on it',
  since: '1.21',
  query: NetworkQuery,
  replies: { 200: NetworkAnswer },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    // An empty name means the default network (docker-routes.md R57-R62).
    const ref = params.name === '' ? 'bridge' : params.name;
    const network = engine.networks.get(ref);
    if (query.scope !== undefined && query.scope !== '' && query.scope !== 'local') throw notFound(ref);
    return { kind: 'json', status: 200, body: presentNetwork(network, engine.containers.list()) };
  },
});

const notFound = (ref: string): EngineError =>
  new EngineError('not-found', 'network.not-found', `no such network: ${ref}`, { params: { ref } });
