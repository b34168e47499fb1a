import type { Static } from 'typebox';
import type { Route } from '#api/dialect/route.ts';
import type { Reply } from '#api/http/reply.ts';
import type { PodService } from '#domain/pod/spec.ts';
import { defineRoute } from '#api/hyper/context.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { decodeService } from '#api/hyper/decode/services.ts';
import { required } from '#api/hyper/lookup/containers.ts';
import { podRef } from '#api/hyper/lookup/pods.ts';
import { withoutZeros } from '#api/hyper/present/zero.ts';
import { ServicesAnswer, ServicesDone } from '#api/hyper/schema/pod.ts';
import { PodQuery, ServicesQuery } from '#api/hyper/schema/pod-query.ts';
import type { Engine } from '#engine/engine.ts';

const presentService = ({ address, port, protocol, spelling, hosts }: PodService) =>
  withoutZeros({
    serviceIP: address,
    servicePort: port,
    protocol: spelling ?? protocol,
    hosts: hosts.map((host) => withoutZeros({ hostIP: host.address, hostPort: host.port })),
  });

const serviceList = defineRoute({
  id: 'service-list',
  method: 'GET',
  path: '/service/list',
  summary: 'The services of a pod; null when it has none',
  since: '0.5',
  query: PodQuery,
  replies: { 200: ServicesAnswer },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const services = engine.pods.listServices(podRef(query));
    return { kind: 'json', status: 200, body: services.length === 0 ? null : services.map(presentService) };
  },
});

type Query = Static<typeof ServicesQuery>;
type Change = (engine: Engine, ref: string, services: readonly PodService[]) => Promise<void>;

/** The answer is the original's, whatever it means. */
const changing = (change: Change) => ({
  query: ServicesQuery,
  replies: { 200: ServicesDone },
  handler: async ({ query }: { readonly query: Query }, { engine }: HyperContext): Promise<Reply> => {
    await change(engine, podRef(query), required('services', query.services).map(decodeService));
    return { kind: 'json', status: 200, body: ['Result=success'] };
  },
});

const serviceAdd = defineRoute({
  ...changing(async (engine, ref, services) => engine.pods.addServices(ref, services)),
  id: 'service-add',
  method: 'POST',
  path: '/service/add',
  summary: 'Add services to a pod',
  since: '0.5',
});

const serviceUpdate = defineRoute({
  ...changing(async (engine, ref, services) => engine.pods.setServices(ref, services)),
  id: 'service-update',
  method: 'POST',
  path: '/service/update',
  summary: 'Give a pod other services instead of all it has',
  since: '0.5',
});

const serviceDelete = defineRoute({
  ...changing(async (engine, ref, services) => engine.pods.deleteServices(ref, services)),
  id: 'service-delete',
  method: 'DELETE',
  path: '/service',
  summary: 'Take services from a pod',
  since: '0.5',
});

export const SERVICE_ROUTES: readonly Route<HyperContext>[] = [
  serviceList,
  serviceAdd,
  serviceUpdate,
  serviceDelete,
];
