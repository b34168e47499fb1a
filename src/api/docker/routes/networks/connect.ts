import { defineRoute } from '#api/docker/context.ts';
import { NetworkTieBody } from '#api/docker/schema/network.ts';
import { notYet } from './refusals.ts';

export const networkConnect = defineRoute({
  id: 'network-connect',
  method: 'POST',
  path: '/networks/{name}/connect',
  summary: 'Tie a container to a network (so far 501 where both are there)',
  since: '1.21',
  body: NetworkTieBody,
  bodyType: 'json',
  replies: {},
  handler: async ({ params, body }, { engine }) => {
    engine.networks.get(params.name);
    engine.containers.get(body.Container ?? '');
    throw notYet('connecting a container to a network');
  },
});

export const networkDisconnect = defineRoute({
  id: 'network-disconnect',
  method: 'POST',
  path: '/networks/{name}/disconnect',
  summary: 'Take a container off a network (so far 501 where both are there)',
  since: '1.21',
  body: NetworkTieBody,
  bodyType: 'json',
  replies: {},
  handler: async ({ params, body }, { engine }) => {
    engine.networks.get(params.name);
    engine.containers.get(body.Container ?? '');
    throw notYet('disconnecting a container from a network');
  },
});
