import type { Static } from 'typebox';
import type { ExecConfig } from '#domain/exec/exec.ts';
import type { ExecBody } from '#api/docker/schema/exec.ts';

/** What an exec is to run. */
export const decodeExec = (body: Static<typeof ExecBody>): ExecConfig => {
  const consoleSize = decodeConsoleSize(body.ConsoleSize);
  return {
    command: body.Cmd ?? [],
    user: body.User ?? '',
    privileged: body.Privileged ?? false,
    tty: body.Tty ?? false,
    attachStdin: body.AttachStdin ?? false,
    attachStdout: body.AttachStdout ?? false,
    attachStderr: body.AttachStderr ?? false,
    env: body.Env ?? [],
    workingDir: body.WorkingDir ?? '',
    detachKeys: body.DetachKeys ?? '',
    ...(consoleSize === undefined ? {} : { consoleSize }),
  };
};

/** `[height, width]`; undefined when not given. */
export const decodeConsoleSize = (
  size: readonly number[] | null | undefined,
): readonly [number, number] | undefined => {
  const [rows, columns] = size ?? [];
  return rows === undefined || columns === undefined ? undefined : [rows, columns];
};
