import type { Reply } from '#api/http/reply.ts';
import type { HostConfig } from '#domain/container/config.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeCreate } from '#api/docker/decode/container-body.ts';
import { CreateAnswer, CreateBody, CreateQuery } from '#api/docker/schema/create-body.ts';

export const containerCreate = defineRoute({
  id: 'container-create',
  method: 'POST',
  path: '/containers/create',
  summary: 'Make a container',
  since: '1.0',
  query: CreateQuery,
  body: CreateBody,
  bodyType: 'json',
  bodyTypeSince: '1.15',
  replies: { 201: CreateAnswer },
  handler: async ({ query, body }, { engine }): Promise<Reply> => {
    const request = decodeCreate(body, query);
    const isOldHost = body.defaultsToHostCgroup === true && engine.system.facts().cgroup.version === 1;
    const host = isOldHost ? withHostCgroup(request.host) : request.host;
    const { id, warnings } = await engine.containers.create({ ...request, host });
    return { kind: 'json', status: 201, body: { Id: id, Warnings: warnings } };
  },
});

/** Clients older than API 1.41 expect the host's cgroup namespace on machines with cgroup v1. */
const withHostCgroup = (host: HostConfig): HostConfig =>
  host.cgroupnsMode === '' ? { ...host, cgroupnsMode: 'host' } : host;
