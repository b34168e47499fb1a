import type { Route } from '#api/dialect/route.ts';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/hyper/context.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { decodeCredentials } from '#api/hyper/decode/credentials.ts';
import { AuthAnswer, AuthConfig, Info, Version } from '#api/hyper/schema/system.ts';
import { options } from './options.ts';

const ping = defineRoute({
  id: 'ping',
  method: 'GET',
  path: '/_ping',
  summary: 'Is the daemon there?',
  since: '0.6',
  replies: { 200: null },
  handler: async (): Promise<Reply> => ({
    kind: 'text',
    status: 200,
    body: 'OK',
    contentType: 'text/plain; charset=utf-8',
  }),
});

const version = defineRoute({
  id: 'version',
  method: 'GET',
  path: '/version',
  summary: 'The version of the daemon',
  since: '0.1',
  replies: { 200: Version },
  handler: async (_request, { daemon }): Promise<Reply> => ({
    kind: 'json',
    status: 200,
    body: { ID: daemon.pid, Version: daemon.version },
  }),
});

const INDEX = 'https://index.docker.io/v1/';

const info = defineRoute({
  id: 'info',
  method: 'GET',
  path: '/info',
  summary: 'The daemon and its machine',
  since: '0.1',
  replies: { 200: Info },
  handler: async (_request, { engine, daemon }): Promise<Reply> => {
    const facts = engine.system.facts();
    const { dataRoot, snapshotter, snapshotterStatus, images } = await engine.system.info();
    return {
      kind: 'json',
      status: 200,
      body: {
        Containers: engine.containers.list().filter(({ podId }) => podId !== undefined).length,
        DockerRootDir: dataRoot,
        Driver: snapshotter,
        DriverStatus: snapshotterStatus.map((pair) => [...pair]),
        ExecutionDriver: 'namespace',
        ID: daemon.pid,
        Images: images,
        IndexServerAddress: INDEX,
        MemTotal: Math.floor(facts.memoryBytes / 1024),
        Name: facts.hostname,
        'Operating System': facts.operatingSystem,
        Pods: engine.pods.list().length,
      },
    };
  },
});

const auth = defineRoute({
  id: 'auth',
  method: 'POST',
  path: '/auth',
  summary: 'Check credentials with a registry',
  since: '0.3',
  body: AuthConfig,
  replies: { 200: AuthAnswer },
  handler: async ({ body, http }, { engine }): Promise<Reply> => {
    const { status } = await engine.system.login(decodeCredentials(body), http.signal);
    return { kind: 'json', status: 200, body: { Status: status } };
  },
});

export const SYSTEM_ROUTES: readonly Route<HyperContext>[] = [ping, version, info, auth, options];
