import type { DaemonClient } from '#client/daemon-client.ts';
import { ApiError } from '#client/api-error.ts';
import { findDaemon } from '#cli/connect.ts';
import { CommandError, startFailureCode } from '#cli/exit-code.ts';
import { startPrivateDaemon } from '#cli/private-daemon.ts';
import { followSize, rawMode } from '#cli/terminal/raw-mode.ts';
import { relay } from '#cli/terminal/relay.ts';
import { buildCreateBody } from './create-body.ts';
import type { RunOptions } from './create-body.ts';
import { pullInto } from './pull.ts';

export type RunRequest = {
  readonly image: string;
  readonly command: readonly string[];
  readonly options: RunOptions;
  readonly host: string | undefined;
};

/** `gantry run`: exit code of the container, or 125, 126, 127 as Docker's. */
export const run = async (request: RunRequest): Promise<void> => {
  const client = await findDaemon(request.host);
  if (client !== undefined) {
    process.exitCode = await runOn(client, request);
    return;
  }
  if (request.host !== undefined || request.options.detach === true) {
    throw new CommandError(
      `no daemon answers${request.host === undefined ? '' : ` at ${request.host}`}. Start one with: npm start`,
      125,
    );
  }
  await using daemon = await startPrivateDaemon();
  process.exitCode = await runOn(daemon.client, request);
};

export const runOn = async (client: DaemonClient, request: RunRequest): Promise<number> => {
  try {
    const id = await create(client, request);
    return request.options.detach === true
      ? await startDetached(client, id)
      : await startAttached(client, id, request.options);
  } catch (error) {
    if (error instanceof ApiError)
      throw new CommandError(error.message, startFailureCode(error.message), { cause: error });
    throw error;
  }
};

const create = async (client: DaemonClient, request: RunRequest): Promise<string> => {
  const call = {
    body: buildCreateBody(request.image, request.command, request.options),
    query: { name: request.options.name },
  };
  const attempt = async (): Promise<{ Id: string; Warnings: string[] | null }> =>
    client.json('POST', '/containers/create', call);
  const created = await attempt().catch(async (error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    process.stderr.write(`Unable to find image '${request.image}' locally\n`);
    await pullInto(client, request.image, { output: process.stderr });
    return attempt();
  });
  for (const warning of created.Warnings ?? []) process.stderr.write(`WARNING: ${warning}\n`);
  return created.Id;
};

const startDetached = async (client: DaemonClient, id: string): Promise<number> => {
  await client.json('POST', `/containers/${id}/start`);
  process.stdout.write(`${id}\n`);
  return 0;
};

const startAttached = async (client: DaemonClient, id: string, options: RunOptions): Promise<number> => {
  const [tty, interactive] = [options.tty === true, options.interactive === true];
  const { stream } = await client.hijack(`/containers/${id}/attach`, {
    query: { stream: 1, stdout: 1, stderr: 1, stdin: interactive ? 1 : undefined },
  });
  // The head of this answer says that the waiter is there: a fast end is not missed.
  const waiting = await client.open('POST', `/containers/${id}/wait`, {
    query: { condition: options.rm === true ? 'removed' : 'next-exit' },
  });
  await client.json('POST', `/containers/${id}/start`);
  using held = new DisposableStack();
  held.use(rawMode(tty && interactive));
  held.use(
    followSize((rows, columns) => {
      if (tty)
        void client
          .json('POST', `/containers/${id}/resize`, { query: { h: rows, w: columns } })
          .catch(() => undefined);
    }),
  );
  held.use(forwardSignals(client, id, tty));
  await relay(stream, {
    tty,
    input: interactive ? process.stdin : undefined,
    stdout: process.stdout,
    stderr: process.stderr,
  });
  const { StatusCode } = JSON.parse(await textOf(waiting)) as { StatusCode: number };
  return StatusCode;
};

const textOf = async (source: AsyncIterable<unknown>): Promise<string> => {
  let text = '';
  for await (const part of source) text += String(part);
  return text;
};

/** What the user sends us is for the container. With a terminal, keys do that. */
const forwardSignals = (client: DaemonClient, id: string, tty: boolean): Disposable => {
  const names = tty ? [] : (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const);
  const forward = (signal: NodeJS.Signals): void => {
    void client
      .json('POST', `/containers/${id}/kill`, { query: { signal: signal.slice(3) } })
      .catch(() => undefined);
  };
  for (const name of names) process.on(name, forward);
  return {
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, forward);
    },
  };
};
