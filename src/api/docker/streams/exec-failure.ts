import type { Static } from 'typebox';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Exec } from '#domain/exec/exec.ts';
import type { OutputStream } from '#domain/log/record.ts';
import { presentError } from '#api/docker/errors.ts';
import type { ExecStartBody } from '#api/docker/schema/exec.ts';

type Telling = {
  readonly exec: Exec;
  readonly told: Static<typeof ExecStartBody>['failureTold'];
};

/**
 * Words for the stream of a command that did not come to run, where the head of the answer has said 200 already; the
 * exit code says the rest. `failure` is a refusal of the engine, or the runtime's reason. undefined where the engine of
 * the time said nothing.
 */
export const failureWords = (
  failure: EngineError | string,
  { exec, told }: Telling,
): { readonly stream: OutputStream; readonly text: string } | undefined => {
  if (told === undefined) return { stream: 'stdout', text: `${wordsOfToday(failure)}\r\n` };
  const isRunning = failure instanceof EngineError && failure.code === 'exec.already-started';
  if (told === 'by-process')
    return isRunning ? undefined : { stream: 'stderr', text: `${reasonOf(failure)}\n` };
  const words = isRunning
    ? `Error: Exec command ${exec.id} is already running`
    : `Cannot run exec command ${exec.id} in container ${exec.containerId}: ${reasonOf(failure)}`;
  return { stream: 'stdout', text: `Error starting exec command in container ${exec.id}: ${words}\n` };
};

const wordsOfToday = (failure: EngineError | string): string =>
  failure instanceof EngineError
    ? presentError(failure, { route: 'exec-start', params: {} }).message
    : `OCI runtime exec failed: exec failed: unable to start container process: ${failure}`;

const reasonOf = (failure: EngineError | string): string => {
  if (typeof failure === 'string') return failure;
  const { detail } = failure.params;
  return typeof detail === 'string' ? detail : failure.message;
};
