import { defineRoute } from '#api/docker/context.ts';

/** Asked by browsers before a cross-origin request; the CORS headers are on every reply where configured. */
export const options = defineRoute({
  id: 'options',
  method: 'OPTIONS',
  path: '/{path}',
  summary: 'Cross-origin preflight',
  since: '1.2',
  replies: { 200: null },
  handler: async () => ({ kind: 'empty', status: 200 }),
});
