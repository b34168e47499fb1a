import type { Reply } from '#api/http/reply.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { decodeCommand, isYes } from '#api/hyper/decode/words.ts';
import { findMember, findTarget, firstOf, refOf } from '#api/hyper/lookup/containers.ts';
import { ExecCreated } from '#api/hyper/schema/answers.ts';
import {
  ExecCreateQuery,
  ExecQuery,
  ExecStartQuery,
  ExecVmQuery,
} from '#api/hyper/schema/container-query.ts';
import { ExecBook, execBookOf } from '#api/hyper/streams/exec-book.ts';
import { execConfig, runExec } from '#api/hyper/streams/run-exec.ts';
import { orEnd, takeOver } from '#api/hyper/streams/serve-session.ts';

export const execCreate = defineRoute({
  id: 'exec-create',
  method: 'POST',
  path: '/exec/create',
  summary: 'Prepare a command in a container that runs or will run',
  since: '0.6',
  query: ExecCreateQuery,
  replies: { 201: ExecCreated },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const { container } = findMember(engine, refOf(query));
    const { id, state } = container;
    if (state.status !== 'created' && !isLive(state.status))
      throw engineError('container.not-running', { id, ref: refOf(query) });
    const config = execConfig(decodeCommand(query.command), isYes(query.tty));
    return { kind: 'json', status: 201, body: execBookOf(engine).add('', id, config).id };
  },
});

export const execStart = defineRoute({
  id: 'exec-start',
  method: 'POST',
  path: '/exec/start',
  summary: 'Run a prepared command',
  since: '0.6',
  query: ExecStartQuery,
  replies: {},
  hijack: true,
  handler: async ({ query }, { engine }): Promise<Reply> =>
    takeOver(async (stream) => {
      const entry = await orEnd(async () => execBookOf(engine).get(query.exec || (query.tag ?? '')));
      if (entry !== undefined) await runExec(engine, entry, stream, false);
    }),
});

export const exec = defineRoute({
  id: 'exec',
  method: 'POST',
  path: '/exec',
  summary: 'Run a command under an id of the client’s own',
  since: '0.1',
  query: ExecQuery,
  replies: {},
  hijack: true,
  handler: async ({ query }, { engine }): Promise<Reply> =>
    takeOver(async (stream) => {
      const entry = await orEnd(async () => {
        const { id } = findTarget(engine, query).container;
        // The oldest clients had a terminal always, and no word for it.
        const tty = query.tty === undefined ? query.isRaw === true : isYes(query.tty);
        return execBookOf(engine).add(query.tag ?? '', id, execConfig(decodeCommand(query.command), tty));
      });
      if (entry !== undefined) await runExec(engine, entry, stream, query.isRaw === true);
    }),
});

/** A sandbox of namespaces has no files of its own: the command runs in the pod's first container, with all rights. */
export const execVm = defineRoute({
  id: 'execvm',
  method: 'POST',
  path: '/execvm',
  summary: 'Run a command in the sandbox of a pod',
  since: '0.8',
  query: ExecVmQuery,
  replies: {},
  hijack: true,
  handler: async ({ query }, { engine }): Promise<Reply> =>
    takeOver(async (stream) => {
      const entry = await orEnd(async () => {
        const { id } = firstOf(engine, query.pod || query.podId || (query.podName ?? '')).container;
        const config = execConfig(decodeCommand(query.command), false, { privileged: true, user: '0' });
        return new ExecBook().add('', id, config);
      });
      if (entry !== undefined) await runExec(engine, entry, stream, true);
    }),
});
