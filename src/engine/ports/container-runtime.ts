import type { OutputChunk } from '#domain/log/record.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { RuntimeSpec } from '#formats/oci-runtime/spec.ts';

/**
 * Runs processes in containers and remembers how they ended, also while no daemon runs.
 * Calls for one container never overlap (the engine holds its lock); calls for several do.
 */
export interface ContainerRuntime {
  readonly name: string;
  /** Name and version of the parts, for `info` and `version`. */
  describe(): Promise<Readonly<Record<string, string>>>;

  /** A create or exec is in sight: what takes time and is the same for all may begin. At no cost; changes nothing. */
  expect(): void;
  /**
   * Makes the container up to just before its process begins; stdio and log are connected. A failed create
   * leaves nothing. Errors carry the runtime's own words (`executable file not found in $PATH`,
   * `permission denied`, `no such file or directory`): `invalid`, code `runtime.create`, param `detail`.
   */
  create(request: RuntimeCreate): Promise<RuntimeProcess>;
  /** Lets the created process begin. Errors as create, code `runtime.start`. */
  start(id: ContainerId): Promise<void>;
  /** Sends a signal to the container's first process, 0 to see whether it is there; `conflict` code `runtime.not-running` when it is gone. */
  signal(id: ContainerId, signal: number): Promise<void>;
  /** SIGKILL to every process of the container (its cgroup). */
  killAll(id: ContainerId): Promise<void>;
  pause(id: ContainerId): Promise<void>;
  resume(id: ContainerId): Promise<void>;
  /** Removes what create made (bundle, cgroups, monitor's files). Fine when missing. Kills what still runs. */
  delete(id: ContainerId): Promise<void>;
  /** Pids of all processes, first the container's own. */
  processes(id: ContainerId): Promise<number[]>;
  /** Whether the OOM killer took one of its processes in this run. */
  wasOomKilled(id: ContainerId): Promise<boolean>;
  update(
    id: ContainerId,
    resources: NonNullable<NonNullable<RuntimeSpec['linux']>['resources']>,
  ): Promise<void>;

  /** The one connection to a container's stdio. Ends when the process's output is drained. `not-found` after the end. */
  attach(id: ContainerId): Promise<RuntimeConsole>;
  resize(id: ContainerId, size: TerminalSize): Promise<void>;
  /** Makes the monitor open its log file anew, after the old one was renamed. */
  reopenLog(id: ContainerId): Promise<void>;
  exec(id: ContainerId, request: RuntimeExec): Promise<RuntimeExecProcess>;

  /**
   * Called once per end of a container of this daemon, when all its output is in the log; also, after `recover`,
   * for those that ended while no daemon watched. Not called before `recover` has been.
   */
  onExit(listener: (exit: RuntimeExit) => void): void;
  /** Called when the OOM killer took a process of a container; maybe more than once, and for one that is ending. */
  onOomKill(listener: (id: ContainerId) => void): void;
  /** Finds what runs and what ended; then watches. The engine calls it once at start with what it believes runs. */
  recover(believed: readonly ContainerId[]): Promise<RuntimeFinding[]>;
  close(): Promise<void>;
}

export type RuntimeCreate = {
  readonly id: ContainerId;
  readonly spec: RuntimeSpec;
  readonly openStdin: boolean;
  /** stdin closes for good when the first client's input ends. */
  readonly stdinOnce: boolean;
  /** Path of conmon's log file; undefined = no log is kept. */
  readonly logPath?: string;
  readonly consoleSize?: TerminalSize;
};

export type RuntimeProcess = { readonly pid: number; readonly startTime: string };

export type TerminalSize = { readonly rows: number; readonly columns: number };

export type RuntimeExit = {
  readonly id: ContainerId;
  /** Status, or 128 + signal. */
  readonly exitCode: number;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
  readonly oomKilled: boolean;
};

export type RuntimeFinding =
  | { readonly id: ContainerId; readonly state: 'running' | 'paused'; readonly process: RuntimeProcess }
  | { readonly id: ContainerId; readonly state: 'created'; readonly process: RuntimeProcess }
  | { readonly id: ContainerId; readonly state: 'exited'; readonly exit: RuntimeExit }
  /** No trace: lost (a reboot, or killed with its monitor). */
  | { readonly id: ContainerId; readonly state: 'lost' };

/** stdio of a container. */
export interface RuntimeConsole {
  /** A reader that is slow slows the process, but no longer than it lives: its end comes whether it is read or not. */
  readonly output: AsyncIterable<OutputChunk>;
  /** Resolves when the bytes are handed over. */
  write(bytes: Uint8Array): Promise<void>;
  /** End of stdin for the process (only where stdinOnce). */
  closeInput(): Promise<void>;
  close(): void;
}

export type RuntimeExec = {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly tty: boolean;
  readonly attachStdin: boolean;
  /** Nobody will read it: without a terminal it has no streams, and outlives us. */
  readonly detached?: boolean;
  readonly consoleSize?: TerminalSize;
};

export interface RuntimeExecProcess {
  readonly pid: number;
  readonly output: AsyncIterable<OutputChunk>;
  write(bytes: Uint8Array): Promise<void>;
  closeInput(): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** Status or 128 + signal; 126/127 when it could not be run, with the runtime's words in `error`. Resolves after `output` has ended. */
  readonly exit: Promise<{ exitCode: number; error?: string }>;
  /** SIGKILL also reaches what it has started in its process group. */
  kill(signal: number): void;
}
