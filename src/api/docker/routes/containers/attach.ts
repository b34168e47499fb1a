import type { Static } from 'typebox';
import { engineError } from '#domain/error/catalogue.ts';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import type { Attachment, Engine } from '#engine/engine.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeDetachKeys } from '#api/docker/decode/detach-keys.ts';
import { AttachQuery, AttachSocketQuery } from '#api/docker/schema/container-query.ts';
import { contentTypeOf, serveAttachment } from '#api/docker/streams/serve-attachment.ts';

type Wishes = Pick<
  Static<typeof AttachQuery>,
  'logs' | 'stream' | 'stdin' | 'stdout' | 'stderr' | 'endsWithRun'
>;

/** Input goes with live output only (docker-routes.md R18). */
const open = (engine: Engine, ref: string, wishes: Wishes, http: HttpRequest): Promise<Attachment> =>
  engine.containers.attach(ref, {
    replay: wishes.logs,
    live: wishes.stream,
    endsWithRun: wishes.logs && wishes.endsWithRun === true,
    stdin: wishes.stdin && wishes.stream,
    stdout: wishes.stdout,
    stderr: wishes.stderr,
    signal: http.signal,
  });

/** A run that stands still, or is yet to come, is no run to take part in. Throws `container.paused`, `container.restarting`. */
const permitAttach = (engine: Engine, ref: string): void => {
  const { state } = engine.containers.get(ref);
  if (state.status === 'paused') throw engineError('container.paused', { id: ref });
  if (state.status === 'restarting') throw engineError('container.restarting', { id: ref });
};

export const containerAttach = defineRoute({
  id: 'container-attach',
  method: 'POST',
  path: '/containers/{name}/attach',
  summary: "Take part in a container's input and output",
  since: '1.0',
  query: AttachQuery,
  replies: {},
  hijack: true,
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    const keys = decodeDetachKeys(query.detachKeys);
    if (query.isAnyTime !== true) permitAttach(engine, params.name);
    const attachment = await open(engine, params.name, query, http);
    const framed = !attachment.tty && query.isRaw !== true;
    return {
      kind: 'hijack',
      contentType: contentTypeOf(framed, http),
      serve: (stream) =>
        serveAttachment(attachment, stream, {
          framed,
          stdin: query.stdin && query.stream,
          detachKeys: attachment.tty ? keys : undefined,
          errorPrefix: query.errorPrefix ?? 'Error attaching: ',
        }),
    };
  },
});

export const containerAttachSocket = defineRoute({
  id: 'container-attach-socket',
  method: 'GET',
  path: '/containers/{name}/attach/ws',
  summary: "Take part in a container's input and output over a websocket",
  since: '1.5',
  query: AttachSocketQuery,
  replies: {},
  hijack: true,
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    const keys = decodeDetachKeys(query.detachKeys);
    const all = query.takesAll === true ? { stdin: true, stdout: true, stderr: true } : {};
    const wishes = { ...query, ...all };
    const attachment = await open(engine, params.name, wishes, http);
    return {
      kind: 'websocket',
      frames: query.isText === true ? 'text' : 'binary',
      serve: (stream) =>
        serveAttachment(attachment, stream, {
          framed: false,
          stdin: wishes.stdin && wishes.stream,
          detachKeys: attachment.tty ? keys : undefined,
          errorPrefix: 'Error attaching: ',
        }),
    };
  },
});
