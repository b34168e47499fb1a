import { defineRoute } from '#api/docker/context.ts';
import { Type } from '#api/dialect/type.ts';

export const plugins = defineRoute({
  id: 'plugin-list',
  method: 'GET',
  path: '/plugins',
  summary: 'Plugins: none',
  since: '1.25',
  replies: { 200: Type.Array(Type.Unknown()) },
  handler: async () => ({ kind: 'json', status: 200, body: [] }),
});
