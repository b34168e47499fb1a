import { ApiError } from '#client/api-error.ts';
import { connect } from '#cli/connect.ts';
import { CommandError, startFailureCode } from '#cli/exit-code.ts';
import { followSize, rawMode } from '#cli/terminal/raw-mode.ts';
import { relay } from '#cli/terminal/relay.ts';

export type ExecRequest = {
  readonly container: string;
  readonly command: readonly string[];
  readonly options: {
    readonly interactive?: boolean;
    readonly tty?: boolean;
    readonly detach?: boolean;
    readonly env: readonly string[];
    readonly user?: string;
    readonly workdir?: string;
  };
  readonly host: string | undefined;
};

export const exec = async (request: ExecRequest): Promise<void> => {
  try {
    process.exitCode = await execute(request);
  } catch (error) {
    if (error instanceof ApiError)
      throw new CommandError(error.message, startFailureCode(error.message), { cause: error });
    throw error;
  }
};

const execute = async ({ container, command, options, host }: ExecRequest): Promise<number> => {
  const client = await connect(host);
  const [tty, interactive, detach] = [
    options.tty === true,
    options.interactive === true,
    options.detach === true,
  ];
  const { Id } = await client.json<{ Id: string }>('POST', `/containers/${container}/exec`, {
    body: {
      Cmd: command,
      Tty: tty,
      AttachStdin: interactive,
      AttachStdout: !detach,
      AttachStderr: !detach,
      Env: options.env,
      User: options.user ?? '',
      WorkingDir: options.workdir ?? '',
    },
  });
  if (detach) {
    await client.json('POST', `/exec/${Id}/start`, { body: { Detach: true, Tty: tty } });
    return 0;
  }
  const { stream } = await client.hijack(`/exec/${Id}/start`, { body: { Detach: false, Tty: tty } });
  using held = new DisposableStack();
  held.use(rawMode(tty && interactive));
  held.use(
    followSize((rows, columns) => {
      if (tty)
        void client
          .json('POST', `/exec/${Id}/resize`, { query: { h: rows, w: columns } })
          .catch(() => undefined);
    }),
  );
  await relay(stream, {
    tty,
    input: interactive ? process.stdin : undefined,
    stdout: process.stdout,
    stderr: process.stderr,
  });
  const { ExitCode } = await client.json<{ ExitCode: number | null }>('GET', `/exec/${Id}/json`);
  return ExitCode ?? 0;
};
