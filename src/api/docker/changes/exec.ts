import { Type } from '#api/dialect/type.ts';
import type { Change } from '#api/dialect/change.ts';
import { defaulted, reshape, status } from '#api/dialect/change.ts';
import { amend } from '#api/dialect/schema.ts';
import { ExecAnswer, ExecStartBody } from '#api/docker/schema/exec.ts';

const OlderProcess = Type.Object({
  tty: Type.Boolean(),
  entrypoint: Type.String(),
  arguments: Type.Array(Type.String()),
  privileged: Type.Boolean(),
  user: Type.String(),
});

const neverNull = reshape({
  id: 'exec-exit-code-never-null',
  in: '1.22',
  on: ExecAnswer,
  why: 'the exit code was 0 before the end, the user always there',
  source: 'docker-shapes.md 5',
  older: amend(ExecAnswer, { ExitCode: Type.Integer(), ProcessConfig: OlderProcess }),
  down: (answer) => ({
    ...answer,
    ExitCode: answer.ExitCode ?? 0,
    ProcessConfig: { ...answer.ProcessConfig, user: answer.ProcessConfig.user ?? '' },
  }),
  examples: [
    {
      newer: { ExitCode: null, ProcessConfig: { tty: false } },
      older: { ExitCode: 0, ProcessConfig: { tty: false, user: '' } },
      only: 'down',
    },
  ],
});

const failuresByProcess = defaulted({
  id: 'exec-failures-are-told-by-the-process',
  in: '1.22',
  on: ExecStartBody,
  why: 'the engine wrote nothing to the stream; the process that failed to become the command did, as its errors',
  source: 'docker-routes.md R27; docker, integration-cli of 1.9.1: TestExecStartFails',
  up: (body) => ({ ...body, failureTold: body.failureTold ?? 'by-process' }),
  examples: [
    { older: { Tty: true }, newer: { Tty: true, failureTold: 'by-process' } },
    { older: { failureTold: 'by-engine' }, newer: { failureTold: 'by-engine' } },
  ],
});

const failuresByEngine = defaulted({
  id: 'exec-failures-are-told-by-the-engine',
  in: '1.19',
  on: ExecStartBody,
  why: 'the engine wrote a sentence of its own to the output',
  source: 'docker, api/server/server.go of 1.3 to 1.6',
  up: (body) => ({ ...body, failureTold: 'by-engine' as const }),
  examples: [{ older: {}, newer: { failureTold: 'by-engine' } }],
});

const detachedHasNoContent = status({
  id: 'exec-start-detached-has-no-content',
  in: '1.21',
  routes: ['exec-start'],
  map: { 200: 204 },
  why: 'a detached start was answered 204',
  source: 'docker-routes.md R27',
  examples: [{ newer: 200, older: 204 }],
});

export const EXEC_CHANGES: readonly Change[] = [
  neverNull,
  failuresByProcess,
  failuresByEngine,
  detachedHasNoContent,
];
