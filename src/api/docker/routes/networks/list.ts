import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { firstNetworkFilter, networkFilter } from '#api/docker/decode/network-filters.ts';
import { presentNetwork } from '#api/docker/present/network.ts';
import { NetworkAnswer, NetworksQuery } from '#api/docker/schema/network.ts';

export const networkList = defineRoute({
  id: 'network-list',
  method: 'GET',
  path: '/networks',
  summary: 'List networks',
  since: '1.21',
  query: NetworksQuery,
  replies: { 200: Type.Array(NetworkAnswer) },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const matches = (query.exact === true ? firstNetworkFilter : networkFilter)(query.filters);
    const containers = query.members === true ? engine.containers.list() : [];
    const networks = engine.networks.list().filter(matches);
    return { kind: 'json', status: 200, body: networks.map((each) => presentNetwork(each, containers)) };
  },
});

/** The router of the original has both, alone among the lists. */
export const networkListSlash = {
  ...networkList,
  id: 'network-list-slash',
  path: '/networks/',
  summary: 'List networks, with a slash at the end',
};
