import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { FilesystemChanges } from '#api/docker/schema/archive.ts';

export const containerExport = defineRoute({
  id: 'container-export',
  method: 'GET',
  path: '/containers/{name}/export',
  summary: "An archive of a container's whole root",
  since: '1.0',
  replies: { 200: null },
  handler: async ({ params, http }, { engine }): Promise<Reply> => ({
    kind: 'bytes',
    status: 200,
    contentType: 'application/octet-stream',
    start: 'with-first',
    body: engine.containers.exportRoot(params.name, http.signal),
  }),
});

const KINDS = { modified: 0, added: 1, deleted: 2 } as const;

export const containerChanges = defineRoute({
  id: 'container-changes',
  method: 'GET',
  path: '/containers/{name}/changes',
  summary: "What a container changed of its image's files",
  since: '1.0',
  replies: { 200: FilesystemChanges },
  handler: async ({ params, http }, { engine }): Promise<Reply> => {
    const changes = await engine.containers.changes(params.name, http.signal);
    const shown = changes.map(({ path, kind }) => ({ Path: path, Kind: KINDS[kind] }));
    return { kind: 'json', status: 200, body: shown.length === 0 ? null : shown };
  },
});
