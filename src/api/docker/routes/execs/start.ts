import type { RawStream, Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type { Exec } from '#domain/exec/exec.ts';
import type { Attachment, Engine } from '#engine/engine.ts';
import { framePiece } from '#formats/stdcopy/frame.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeDetachKeys } from '#api/docker/decode/detach-keys.ts';
import { decodeConsoleSize } from '#api/docker/decode/exec.ts';
import { ExecStartBody } from '#api/docker/schema/exec.ts';
import { failureWords } from '#api/docker/streams/exec-failure.ts';
import { contentTypeOf, serveAttachment } from '#api/docker/streams/serve-attachment.ts';

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
    engine.execs.permitStart(exec.id);
    const consoleSize = decodeConsoleSize(body.ConsoleSize);
    const tty = body.Tty === true;
    return {
      kind: 'hijack',
      contentType: contentTypeOf(!tty, http),
      serve: async (stream) => {
        const session = await begin(engine, exec, { http, consoleSize });
        const failure =
          session instanceof EngineError ? session : await serveExec({ engine, exec, session, stream, tty });
        const told =
          failure === undefined ? undefined : failureWords(failure, { exec, told: body.failureTold });
        if (told === undefined || stream.signal.aborted) return;
        const bytes = new TextEncoder().encode(told.text);
        await stream.write(tty ? bytes : framePiece({ stream: told.stream, bytes }));
      },
    };
  },
});

type Start = { readonly http: HttpRequest; readonly consoleSize: readonly [number, number] | undefined };

/**
 * Only now, the head of the answer on its way: docker-py and others read the connection beneath their HTTP client,
 * and lose what came in one packet with the head.
 */
const begin = async (
  engine: Engine,
  exec: Exec,
  { http, consoleSize }: Start,
): Promise<Attachment | EngineError> => {
  try {
    return await engine.execs.start(exec.id, {
      ...(consoleSize === undefined ? {} : { consoleSize }),
      signal: http.signal,
    });
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
};

type Served = {
  readonly engine: Engine;
  readonly exec: Exec;
  readonly session: Attachment;
  readonly stream: RawStream;
  readonly tty: boolean;
};

/** Why the command did not come to run, if it did not. */
const serveExec = async ({ engine, exec, session, stream, tty }: Served): Promise<string | undefined> => {
  await serveAttachment(session, stream, {
    framed: !tty,
    stdin: exec.config.attachStdin,
    detachKeys: session.tty ? decodeDetachKeys(exec.config.detachKeys) : undefined,
    errorPrefix: '',
  });
  try {
    return engine.execs.get(exec.id).error;
  } catch (error) {
    // Its container has ended meanwhile, and the exec with it.
    if (isEngineError(error, 'not-found')) return undefined;
    throw error;
  }
};
