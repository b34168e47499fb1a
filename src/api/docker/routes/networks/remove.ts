import { defineRoute } from '#api/docker/context.ts';
import { predefined } from './refusals.ts';

export const networkRemove = defineRoute({
  id: 'network-remove',
  method: 'DELETE',
  path: '/networks/{name}',
  summary: 'Remove a network (so far all there are stay)',
  since: '1.21',
  replies: {},
  handler: async ({ params }, { engine }) => {
    throw predefined(engine.networks.get(params.name).name, 'removed');
  },
});
