import { defineRoute } from '#api/hyper/context.ts';

/** Older servers let every page of a browser ask, whatever the address (hyperd-api 0.1). */
export const options = defineRoute({
  id: 'options',
  method: 'OPTIONS',
  path: '/{path}',
  summary: 'Cross-origin preflight',
  since: '0.1',
  until: '0.6',
  replies: { 200: null },
  handler: async () => ({ kind: 'empty', status: 200 }),
});
