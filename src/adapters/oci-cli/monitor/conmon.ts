import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { makePipe } from '#adapters/libc/unix-sockets.ts';
import { commandEnvironment } from '#adapters/oci-cli/command/runtime-command.ts';
import type { RuntimeCommand } from '#adapters/oci-cli/command/runtime-command.ts';
import type { Bundle } from '#adapters/oci-cli/layout.ts';
import type { Child, Spawner } from '#adapters/oci-cli/process/spawner.ts';
import { Socket } from 'node:net';

export type MonitorOptions = {
  readonly id: string;
  readonly bundle: Bundle;
  readonly exits: string;
  readonly terminal: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly logPath?: string | undefined;
  /** Paths outside the exec root that the container mounts from. */
  readonly sources: readonly string[];
};

/** A monitor that waits for `begin` before it makes the container. */
export type Monitor = {
  readonly child: Child;
  /** Lets it run the runtime. Answers the container's pid, or what went wrong. */
  begin(): Promise<MonitorAnswer>;
};

export type MonitorAnswer = { readonly pid: number } | { readonly message: string };

export type MonitorParts = {
  readonly spawner: Spawner;
  readonly command: RuntimeCommand;
  readonly conmonPath: string;
};

/** Starts conmon(8), which will run `create`, hold the container's stdio and keep its exit code. */
export const startMonitor = async (parts: MonitorParts, options: MonitorOptions): Promise<Monitor> => {
  const [answerRead, answerWrite] = makePipe();
  const [goRead, goWrite] = makePipe();
  const log = openSync(options.bundle.monitorLog, 'a', 0o600);
  const theirs = [answerWrite, goRead, log];
  const { spawner } = parts;
  try {
    const child = await spawner.spawn({
      path: parts.conmonPath,
      args: monitorArguments(parts.command, options),
      env: [...commandEnvironment, '_OCI_SYNCPIPE=3', '_OCI_STARTPIPE=4'],
      descriptors: [spawner.nowhere, spawner.nowhere, log, answerWrite, goRead],
      sources: options.sources,
      // It leaves a file `oom` where it stands.
      directory: options.bundle.path,
    });
    return { child, begin: () => begin(goWrite, answerRead, options.bundle) };
  } catch (error) {
    theirs.push(answerRead, goWrite);
    throw error;
  } finally {
    for (const descriptor of theirs) closeSync(descriptor);
  }
};

const begin = (goWrite: number, answerRead: number, bundle: Bundle): Promise<MonitorAnswer> => {
  const answer = readAnswer(answerRead);
  writeSync(goWrite, 'x');
  closeSync(goWrite);
  return answer.then((line) => parseAnswer(line) ?? { message: readMonitorLog(bundle) });
};

const monitorArguments = (command: RuntimeCommand, options: MonitorOptions): string[] => {
  const { id, bundle } = options;
  const args = ['--api-version', '1', '--sync', '--cid', id, '--cuuid', id, '--name', id];
  args.push('--runtime', command.path, '--bundle', bundle.path, '--container-pidfile', bundle.pidFile);
  args.push('--exit-dir', options.exits, '--full-attach', '--socket-dir-path', bundle.path, '--no-sync-log');
  args.push('--log-path', options.logPath === undefined ? 'none' : `k8s-file:${options.logPath}`);
  args.push(...command.globalArgs.map((argument) => `--runtime-arg=${argument}`));
  if (options.terminal) args.push('--terminal');
  if (options.openStdin) args.push('--stdin');
  // A terminal's input has no end of its own, and the next daemon writes to it too.
  if (options.openStdin && (options.terminal || !options.stdinOnce)) args.push('--leave-stdin-open');
  return args;
};

/** The first line conmon sends; it keeps the pipe open for its lifetime. */
const readAnswer = (descriptor: number): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    text += part;
    if (text.includes('\n')) socket.destroy();
  });
  // The end of the pipe tells all: what came before it is the answer.
  socket.on('error', () => {});
  socket.on('close', () => resolve(text));
  return promise;
};

/** Undefined when it ended without an answer. */
export const parseAnswer = (line: string): MonitorAnswer | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Nothing, or half a line: the monitor died.
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const pid = 'data' in value ? value.data : 'pid' in value ? value.pid : undefined;
  if (typeof pid === 'number' && pid > 0) return { pid };
  const message = 'message' in value && typeof value.message === 'string' ? value.message : '';
  return message === '' ? undefined : { message };
};

const readMonitorLog = (bundle: Bundle): string => {
  const text = readFileSync(bundle.monitorLog, 'utf8').trim();
  return text === '' ? 'the monitor ended without a word' : text;
};
