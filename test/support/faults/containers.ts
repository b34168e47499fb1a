import { readFrames } from '#formats/stdcopy/read-frames.ts';
import type { TestDaemon } from '#test/support/daemon.ts';

export type Inspect = {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly Pid: number;
    readonly Error: string;
  };
};

export type Listed = { readonly Id: string; readonly Names: readonly string[]; readonly State: string };

/** Makes a container of busybox that runs a shell line. */
export const create = async (
  { client }: Pick<TestDaemon, 'client'>,
  command: string,
  body: object = {},
  name?: string,
): Promise<string> => {
  const { Id } = await client.json<{ Id: string }>('POST', '/containers/create', {
    query: { name },
    body: { Image: 'busybox', Cmd: ['sh', '-c', command], ...body },
  });
  return Id;
};

export const run = async (
  daemon: Pick<TestDaemon, 'client'>,
  command: string,
  body: object = {},
  name?: string,
): Promise<string> => {
  const id = await create(daemon, command, body, name);
  await daemon.client.json('POST', `/containers/${id}/start`);
  return id;
};

export const inspect = (daemon: TestDaemon, id: string): Promise<Inspect> =>
  daemon.client.json('GET', `/containers/${id}/json`);

export const list = (daemon: TestDaemon): Promise<Listed[]> =>
  daemon.client.json('GET', '/containers/json', { query: { all: 1 } });

export const wait = async ({ client }: TestDaemon, id: string): Promise<number> =>
  (await client.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`)).StatusCode;

export const remove = ({ client }: TestDaemon, id: string): Promise<void> =>
  client.json('DELETE', `/containers/${id}`, { query: { force: 1, v: 1 } });

export const removeAll = async (daemon: TestDaemon): Promise<void> => {
  await Promise.all((await list(daemon)).map(({ Id }) => remove(daemon, Id)));
};

/** Everything stored of a container without a terminal, by stream. */
export const readLog = async (
  { client }: TestDaemon,
  id: string,
): Promise<{ stdout: string; stderr: string }> => {
  const body = await client.open('GET', `/containers/${id}/logs`, { query: { stdout: 1, stderr: 1 } });
  const parts: Record<string, Buffer[]> = { stdout: [], stderr: [] };
  for await (const { stream, bytes } of readFrames(body)) parts[stream]?.push(Buffer.from(bytes));
  const text = (stream: string): string => Buffer.concat(parts[stream] ?? []).toString();
  return { stdout: text('stdout'), stderr: text('stderr') };
};
