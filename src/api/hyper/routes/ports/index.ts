import type { Route } from '#api/dialect/route.ts';
import type { Reply } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/hyper/context.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { decodePortMappings } from '#api/hyper/decode/port-mappings.ts';
import { presentPorts } from '#api/hyper/present/ports.ts';
import { PortMappingsAnswer } from '#api/hyper/schema/pod.ts';
import { PortMappings } from '#api/hyper/schema/user-pod.ts';

const portList = defineRoute({
  id: 'port-list',
  method: 'GET',
  path: '/pod/{id}/portmappings',
  summary: 'The port mappings of a pod',
  since: '1.0',
  replies: { 200: PortMappingsAnswer },
  handler: async ({ params }, { engine }): Promise<Reply> => ({
    kind: 'json',
    status: 200,
    body: { portMappings: presentPorts(engine.pods.get(params.id)) },
  }),
});

const portChange = defineRoute({
  id: 'port-change',
  method: 'PUT',
  path: '/pod/{id}/portmappings/{action}',
  summary: 'Add port mappings to a pod, or delete some',
  since: '1.0',
  body: PortMappings,
  replies: { 204: null },
  handler: async ({ params, body }, { engine }): Promise<Reply> => {
    const mappings = decodePortMappings(body);
    if (params.action === 'add') await engine.pods.addPorts(params.id, mappings);
    else if (params.action === 'delete') await engine.pods.deletePorts(params.id, mappings);
    else throw new EngineError('invalid', 'port.action', 'Only add or delete operation are permitted');
    return { kind: 'empty', status: 204 };
  },
});

export const PORT_ROUTES: readonly Route<HyperContext>[] = [portList, portChange];
