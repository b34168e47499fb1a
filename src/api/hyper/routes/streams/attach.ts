import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { findTarget } from '#api/hyper/lookup/containers.ts';
import { AttachQuery } from '#api/hyper/schema/container-query.ts';
import { orEnd, serveSession, takeOver } from '#api/hyper/streams/serve-session.ts';

/** The connection is taken over before anything is looked up: who is not there gets the end of a stream. */
export const attach = defineRoute({
  id: 'attach',
  method: 'POST',
  path: '/attach',
  summary: "Take part in a container's input and output, also before it starts",
  since: '0.1',
  query: AttachQuery,
  replies: {},
  hijack: true,
  handler: async ({ query, http }, { engine }): Promise<Reply> =>
    takeOver(async (stream) => {
      const session = await orEnd(async () =>
        engine.pods.attach(findTarget(engine, query).container.id, {
          stdin: true,
          stdout: true,
          stderr: true,
          signal: http.signal,
        }),
      );
      if (session === undefined) return;
      const isRaw = query.isRaw === true;
      const { served, ended } = serveSession(session, stream, { isRaw, onLeave: () => session.detach() });
      await served;
      await orEnd(() => ended);
    }),
});
