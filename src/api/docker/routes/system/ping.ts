import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';

/** Sent on every ping whatever the version (docker-modern.md 2.1). */
const HEADERS = {
  'Builder-Version': '1',
  Swarm: 'inactive',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
} as const;

const pong = async (): Promise<Reply> => ({
  kind: 'text',
  status: 200,
  body: 'OK',
  contentType: 'text/plain; charset=utf-8',
  headers: HEADERS,
});

export const ping = defineRoute({
  id: 'ping',
  method: 'GET',
  path: '/_ping',
  summary: 'Is the daemon there?',
  since: '1.11',
  replies: { 200: null },
  handler: pong,
});

export const pingHead = defineRoute({
  id: 'ping-head',
  method: 'HEAD',
  path: '/_ping',
  summary: 'Is the daemon there? Headers only',
  since: '1.40',
  replies: { 200: null },
  handler: async () => ({
    kind: 'empty',
    status: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...HEADERS },
  }),
});
