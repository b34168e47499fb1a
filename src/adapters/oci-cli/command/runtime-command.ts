import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { EngineError } from '#domain/error/engine-error.ts';
import { makePipe } from '#adapters/libc/unix-sockets.ts';
import { endOf } from '#adapters/oci-cli/process/spawner.ts';
import type { Spawner } from '#adapters/oci-cli/process/spawner.ts';

/** What a command answered. */
export type CommandResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Enough for any state or message; a runaway command is cut off. */
const outputLimitBytes = 1024 * 1024;

/** The OCI runtime's command line, for whatever has no faster way. */
export class RuntimeCommand {
  readonly path: string;
  /** Given before the command's name, also when the monitor runs it. */
  readonly globalArgs: readonly string[];
  readonly #spawner: Spawner;

  constructor(options: { readonly path: string; readonly stateRoot: string; readonly spawner: Spawner }) {
    this.path = options.path;
    this.globalArgs = ['--root', options.stateRoot];
    this.#spawner = options.spawner;
  }

  /** Runs it to its end. */
  run(args: readonly string[]): Promise<CommandResult> {
    return runCommand(this.#spawner, this.path, [...this.globalArgs, ...args]);
  }

  /** As `run`; throws `internal` code `runtime.command` with the runtime's words when it fails. */
  async demand(args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args);
    if (exitCode === 0) return stdout;
    const detail = stderr.trim();
    throw new EngineError('internal', 'runtime.command', `${args[0] ?? ''} failed: ${detail}`, {
      params: { detail },
    });
  }
}

export const commandEnvironment: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  // The monitor stamps log lines with local time.
  'TZ=UTC',
];

/** Runs a program to its end with nothing on its stdin. Throws SystemCallError when it cannot be started. */
export const runCommand = async (
  spawner: Spawner,
  path: string,
  args: readonly string[],
): Promise<CommandResult> => {
  const [outRead, outWrite] = makePipe();
  const [errorRead, errorWrite] = makePipe();
  try {
    const descriptors = [spawner.nowhere, outWrite, errorWrite];
    const stdout = readText(outRead);
    const stderr = readText(errorRead);
    const child = await spawner.spawn({ path, args, env: commandEnvironment, descriptors });
    closeSync(outWrite);
    closeSync(errorWrite);
    const exitCode = await endOf(child);
    return { exitCode, stdout: await stdout, stderr: await stderr };
  } catch (error) {
    closeSync(outWrite);
    closeSync(errorWrite);
    throw error;
  }
};

/** All text until the other end closes. Owns the descriptor. */
export const readText = async (descriptor: number): Promise<string> => {
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  const parts: Buffer[] = [];
  let length = 0;
  socket.on('data', (part: Buffer) => {
    length += part.length;
    if (length <= outputLimitBytes) parts.push(part);
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  // A read error ends the stream as well: what came before is the answer.
  socket.on('error', () => {});
  socket.on('close', () => resolve(Buffer.concat(parts).toString()));
  return promise;
};
