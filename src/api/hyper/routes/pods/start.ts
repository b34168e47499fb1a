import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isPodLive } from '#domain/pod/lifecycle.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { isYes } from '#api/hyper/decode/words.ts';
import { firstOf } from '#api/hyper/lookup/containers.ts';
import { findVm, podRef } from '#api/hyper/lookup/pods.ts';
import { PodStarted } from '#api/hyper/schema/pod.ts';
import { PodStartQuery } from '#api/hyper/schema/pod-query.ts';
import { orEnd, serveSession, takeOver } from '#api/hyper/streams/serve-session.ts';
import type { Engine } from '#engine/engine.ts';

type Query = Static<typeof PodStartQuery>;

/** Some clients take the connection over with the same call: to them the first container's streams are the answer. */
export const podStart = defineRoute({
  id: 'pod-start',
  method: 'POST',
  path: '/pod/start',
  summary: 'Start the containers of a pod that do not run',
  since: '0.1',
  query: PodStartQuery,
  replies: { 200: PodStarted },
  hijack: true,
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    if (isYes(query.attach) || (query.tag ?? '') !== '') return startAttached(engine, query, http.signal);
    await start(engine, query);
    return { kind: 'json', status: 200, body: { vmId: query.vmId ?? '' } };
  },
});

/** A VM that nobody made is a mistake of older clients, and nothing to newer ones (hyperd-api 4.7). */
const start = async (engine: Engine, query: Query): Promise<void> => {
  const pod = engine.pods.get(podRef(query));
  const { vmId = '', isOlder } = query;
  if (isOlder === true && isPodLive(pod.status))
    throw engineError('pod.busy', { id: pod.id, status: pod.status });
  const sandboxId = vmId === '' ? undefined : findVm(engine, vmId);
  if (isOlder === true && vmId !== '' && sandboxId === undefined)
    throw engineError('sandbox.not-found', { ref: vmId });
  await engine.pods.start(pod.id, sandboxId === undefined ? {} : { sandboxId });
};

const startAttached = (engine: Engine, query: Query, signal: AbortSignal): Reply =>
  takeOver(async (stream) => {
    const served = await orEnd(async () => {
      const { container } = firstOf(engine, podRef(query));
      const streams = { stdin: true, stdout: true, stderr: true, signal, awaitsRun: true };
      const session = await engine.pods.attach(container.id, streams);
      const serving = serveSession(session, stream, {
        isRaw: query.isRaw === true,
        onLeave: () => session.detach(),
      });
      // Nobody else waits for it where the start fails.
      serving.ended.catch(() => undefined);
      try {
        await start(engine, query);
      } catch (error) {
        session.detach();
        throw error;
      }
      return serving;
    });
    if (served === undefined) return;
    await served.served;
    await orEnd(() => served.ended);
  });
