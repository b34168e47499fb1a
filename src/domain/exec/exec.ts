import type { ContainerId, ExecId } from '#domain/value/flavor.ts';

export type ExecConfig = {
  readonly command: readonly string[];
  readonly user: string;
  readonly privileged: boolean;
  readonly tty: boolean;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly detachKeys: string;
  /** [height, width] or undefined. */
  readonly consoleSize?: readonly [number, number];
};

/** A command run in a running container; kept in memory while its container runs. */
export type Exec = {
  readonly id: ExecId;
  readonly containerId: ContainerId;
  readonly config: ExecConfig;
  readonly running: boolean;
  readonly started: boolean;
  /** null until it has ended. */
  readonly exitCode: number | null;
  readonly pid: number;
  /** Why the command could not be run, in the runtime's words. */
  readonly error?: string;
};
