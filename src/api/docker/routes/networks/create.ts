import { defineRoute } from '#api/docker/context.ts';
import { PREDEFINED_NETWORKS } from '#api/docker/decode/network-filters.ts';
import { NetworkCreateBody } from '#api/docker/schema/network.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { notYet, predefined } from './refusals.ts';

export const networkCreate = defineRoute({
  id: 'network-create',
  method: 'POST',
  path: '/networks/create',
  summary: 'Create a network (so far: refuses; 501 for names that are free)',
  since: '1.21',
  body: NetworkCreateBody,
  bodyType: 'json',
  replies: {},
  handler: async ({ body }) => {
    const name = body.Name ?? '';
    if (name.trim() === '')
      throw new EngineError('invalid', 'network.name-empty', 'a network needs a name', { params: { name } });
    throw PREDEFINED_NETWORKS.has(name) ? predefined(name, 'created') : notYet('creating a network');
  },
});
