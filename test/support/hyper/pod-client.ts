import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { ApiError } from '#client/api-error.ts';
import type { TestDaemon } from '#test/support/daemon.ts';

type Daemon = Pick<TestDaemon, 'pods'>;

export type PodInfo = {
  readonly podID: string;
  readonly podName: string;
  readonly vm?: string;
  readonly spec: { readonly containers?: readonly { readonly name: string; readonly containerID: string }[] };
  readonly status: {
    readonly phase: string;
    readonly podIP?: readonly string[];
    readonly containerStatus?: readonly { readonly name: string; readonly phase: string }[];
  };
};

/** Busybox that runs a shell line and hears the polite signal at once. */
export const shell = (name: string, line: string, rest: object = {}): object => ({
  name,
  image: 'busybox',
  command: ['sh', '-c', `trap 'exit 0' TERM; ${line}`],
  ...rest,
});

/** Busybox that does nothing until it is asked to end. */
export const idle = (name: string, rest: object = {}): object =>
  shell(name, 'while :; do sleep 0.1; done', rest);

/** Says its name to everybody who comes to the port. */
export const herald = (name: string, port: number, rest: object = {}): object =>
  shell(name, `while :; do echo ${name} | nc -l -p ${port} & wait; done`, rest);

export const createPod = async ({ pods }: Daemon, pod: object): Promise<string> =>
  (await pods.json<{ ID: string }>('POST', '/pod/create', { body: pod })).ID;

export const startPod = ({ pods }: Daemon, podId: string): Promise<unknown> =>
  pods.json('POST', '/pod/start', { query: { podId } });

export const runPod = async (daemon: Daemon, pod: object): Promise<string> => {
  const id = await createPod(daemon, pod);
  await startPod(daemon, id);
  return id;
};

export const stopPod = ({ pods }: Daemon, podId: string): Promise<unknown> =>
  pods.json('POST', '/pod/stop', { query: { podId } });

/** At once, sandbox and all; fine when it rests. */
export const killPod = ({ pods }: Daemon, podName: string): Promise<unknown> =>
  pods.json('POST', '/pod/kill', { query: { podName, signal: 9 } }).catch(() => undefined);

/** Nobody waits for its processes to hear. */
export const removePod = async (daemon: Daemon, podId: string): Promise<void> => {
  await killPod(daemon, podId);
  await daemon.pods.json('DELETE', '/pod', { query: { podId } });
};

export const podInfo = ({ pods }: Daemon, podName: string): Promise<PodInfo> =>
  pods.json('GET', '/pod/info', { query: { podName } });

export const addressOf = async (daemon: Daemon, pod: string): Promise<string> =>
  (await podInfo(daemon, pod)).status.podIP?.[0]?.split('/')[0] ?? '';

/** The lines of a list, each taken apart. */
export const listed = async (
  { pods }: Daemon,
  item: 'pod' | 'container' | 'vm',
): Promise<readonly (readonly string[])[]> => {
  const answer = await pods.json<Record<string, readonly string[]>>('GET', '/list', { query: { item } });
  const lines = answer[{ pod: 'podData', container: 'cData', vm: 'vmData' }[item]] ?? [];
  return lines.map((line) => line.split(':'));
};

/** What the list says of a container by this name: id, name, pod, status; nothing where there is none. */
export const containerLine = async (daemon: Daemon, name: string): Promise<readonly string[]> =>
  (await listed(daemon, 'container')).find(([, found]) => found === name) ?? [];

/** What the list says of a pod by this id or name: id, name, VM, status; nothing where there is none. */
export const podLine = async (daemon: Daemon, pod: string): Promise<readonly string[]> =>
  (await listed(daemon, 'pod')).find(([id, name]) => id === pod || name === pod) ?? [];

/** Waits for the end of the main process, or of an exec that has begun. */
export const exitCode = ({ pods }: Daemon, container: string, exec = ''): Promise<number> =>
  pods.json('GET', '/exitcode', { query: { container, exec } });

/** What a command inside a container says, frames taken away, and its exit code. */
export const runExec = async (
  { pods }: Daemon,
  container: string,
  command: readonly string[],
): Promise<{ text: string; code: number }> => {
  const query = { container, command: JSON.stringify(command) };
  const exec = await pods.json<string>('POST', '/exec/create', { query });
  const { stream } = await pods.hijack('/exec/start', { query: { container, exec } });
  stream.end();
  return { text: await unframed(stream), code: await exitCode({ pods }, container, exec) };
};

/** The whole of a stream of frames, as text. */
export const unframed = async (stream: Readable): Promise<string> => {
  const bytes = Buffer.concat((await stream.toArray()) as Buffer[]);
  const texts: string[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at + 4);
    texts.push(bytes.toString('utf8', at + 8, at + 8 + size));
    at += 8 + size;
  }
  return texts.join('');
};

/** What is said at a port; undefined when nobody answers. */
export const hear = async (host: string, port: number): Promise<string | undefined> => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const socket = connect({ host, port });
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString()));
  socket.on('error', () => undefined);
  socket.setTimeout(1000, () => socket.destroy());
  socket.on('close', () => resolve());
  await closed;
  return text === '' ? undefined : text.trim();
};

/** The status and words of a refusal; anything else fails the test. */
export const refusalOf = async (work: Promise<unknown>): Promise<{ status: number; message: string }> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return { status: error.status, message: error.message };
  }
  return assert.fail('it was not refused');
};
