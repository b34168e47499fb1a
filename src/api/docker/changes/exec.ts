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

const silentFailures = defaulted({
  id: 'exec-start-says-nothing',
  in: '1.22',
  on: ExecStartBody,
  why: 'nothing was written to the stream of a command that did not run',
  source: 'docker-routes.md R27',
  up: (body) => ({ ...body, isSilent: true }),
  examples: [{ older: { Tty: true }, newer: { Tty: true, isSilent: true } }],
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

export const EXEC_CHANGES: readonly Change[] = [neverNull, silentFailures, detachedHasNoContent];
