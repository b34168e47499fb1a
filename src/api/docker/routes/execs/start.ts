import type { Static } from 'typebox';
import type { HijackReply, RawStream, Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Exec } from '#domain/exec/exec.ts';
import type { Attachment, Engine } from '#engine/engine.ts';
import { framePiece } from '#formats/stdcopy/frame.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeDetachKeys } from '#api/docker/decode/detach-keys.ts';
import { decodeConsoleSize } from '#api/docker/decode/exec.ts';
import { ExecStartBody } from '#api/docker/schema/exec.ts';
import { contentTypeOf, serveAttachment } from '#api/docker/streams/serve-attachment.ts';

type Body = Static<typeof ExecStartBody>;

/** The streams follow the exec's configuration, the framing what start says of the terminal (docker-routes.md R27). */
export const execStart = defineRoute({
  id: 'exec-start',
  method: 'POST',
  path: '/exec/{id}/start',
  summary: 'Run a prepared command',
  since: '1.15',
  body: ExecStartBody,
  replies: { 200: null },
  hijack: true,
  handler: async ({ params, body, http }, { engine }): Promise<Reply> => {
    const exec = engine.execs.get(params.id);
    if (body.Detach === true) {
      await engine.execs.startDetached(exec.id);
      return { kind: 'empty', status: 200 };
    }
    const session = await begin(engine, exec, body, http);
    return session instanceof EngineError ? lateFailure(session, body, http) : attached(session, exec, body, http);
  },
});

/** Failures that clients see before the connection is taken over; all others come inside it. */
const EARLY: ReadonlySet<string> = new Set(['exec.not-found', 'exec.container-paused', 'exec.container-not-running', 'container.not-found']);

const begin = async (engine: Engine, exec: Exec, body: Body, http: HttpRequest): Promise<Attachment | EngineError> => {
  const consoleSize = decodeConsoleSize(body.ConsoleSize);
  try {
    return await engine.execs.start(exec.id, {
      ...(consoleSize === undefined ? {} : { consoleSize }),
      signal: http.signal,
    });
  } catch (error) {
    if (error instanceof EngineError && !EARLY.has(error.code)) return error;
    throw error;
  }
};

const attached = (session: Attachment, { config }: Exec, body: Body, http: HttpRequest): HijackReply => ({
  kind: 'hijack',
  contentType: contentTypeOf(body.Tty !== true, http),
  serve: (stream) =>
    serveAttachment(session, stream, {
      framed: body.Tty !== true,
      stdin: config.attachStdin,
      detachKeys: session.tty ? decodeDetachKeys(config.detachKeys) : undefined,
      errorPrefix: '',
    }),
});

/** The words go where the command's output would have gone; the exit code says the rest. */
const lateFailure = (error: EngineError, body: Body, http: HttpRequest): HijackReply => ({
  kind: 'hijack',
  contentType: contentTypeOf(body.Tty !== true, http),
  serve: async (stream: RawStream): Promise<void> => {
    if (body.isSilent === true || stream.signal.aborted) return;
    const bytes = new TextEncoder().encode(`${error.message}\r\n`);
    await stream.write(body.Tty === true ? bytes : framePiece({ stream: 'stdout', bytes }));
  },
});
