import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeExec, RuntimeExecProcess } from '#engine/ports/container-runtime.ts';
import { explainFailure } from '#adapters/oci-cli/command/runtime-words.ts';
import { commandEnvironment } from '#adapters/oci-cli/command/runtime-command.ts';
import { watchFolder } from '#adapters/oci-cli/monitor/exits.ts';
import type { RuntimeParts } from '#adapters/oci-cli/parts.ts';
import {
  identifyProcess,
  isAlive,
  readProcessStat,
  signalIdentity,
} from '#adapters/oci-cli/process/process-identity.ts';
import type { ProcessIdentity } from '#adapters/oci-cli/process/process-identity.ts';
import { endOf } from '#adapters/oci-cli/process/spawner.ts';
import type { Child } from '#adapters/oci-cli/process/spawner.ts';
import { openExecPipes } from './exec-pipes.ts';
import { withoutStreams } from './exec-silence.ts';
import { settleOutput } from './exec-stdio.ts';
import type { ExecStdio } from './exec-stdio.ts';
import { openExecTerminal } from './exec-terminal.ts';
import { OutsideGroup } from './outside-group.ts';
import { noteOwner, readOwner } from './owner.ts';
import type { Owner } from './owner.ts';

const killSignal = 9;

type ExecFiles = {
  readonly name: string;
  readonly spec: string;
  readonly pid: string;
  readonly log: string;
  /** Who runs the exec, for a later daemon. */
  readonly owner: string;
  readonly socket: string;
};

/**
 * Execs are direct children of this process with our pipes: half the time of one under a monitor. Those with streams
 * or a terminal end with the daemon, for nobody could read them then; detached ones have neither, and go on. None is
 * in the daemon's own control group, which a service manager may empty.
 */
export class Execs {
  readonly #parts: RuntimeParts;
  readonly #isDetached: boolean;
  readonly #watcher: FSWatcher;
  /** Keeps the path of sockets short, however deep the exec root lies. */
  readonly #folder: number;
  readonly #outside: OutsideGroup;
  readonly #starting = new Map<string, () => void>();

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.#isDetached = parts.name !== 'crun';
    mkdirSync(parts.layout.execs, { recursive: true, mode: 0o700 });
    this.#folder = openSync(parts.layout.execs, 'r');
    this.#outside = new OutsideGroup(parts.monitorGroup);
    this.#watcher = watchFolder(parts.layout.execs, (name) => this.#starting.get(name)?.());
  }

  /** Resolves once the process runs or has failed to. */
  async start(id: string, request: RuntimeExec): Promise<RuntimeExecProcess> {
    const files = this.#filesOf(randomBytes(8).toString('hex'));
    const { nowhere } = this.#parts.spawner;
    writeFileSync(files.spec, JSON.stringify(toProcessSpec(request)), { mode: 0o600 });
    const stdio = openStdio(request, files.socket, nowhere);
    try {
      const child = await this.#spawn(id, request, { files, stdio });
      const process = await this.#waitForStart(files, child);
      const status = this.#statusOf(files, child, process);
      const exit = this.#finish(request, { files, stdio, status, hasStarted: process !== undefined });
      if (process === undefined) await exit;
      return toExecProcess({ stdio, child, process, exit });
    } catch (error) {
      stdio.destroy();
      this.#removeFiles(files);
      throw error;
    }
  }

  /** Ends what an earlier daemon left running for clients that are gone, and removes the files of what has ended. */
  recover(): void {
    const kept = new Set<string>();
    for (const entry of readdirSync(this.#parts.layout.execs)) {
      if (!entry.endsWith('.owner')) continue;
      const files = this.#filesOf(entry.slice(0, -'.owner'.length));
      const owner = readOwner(files.owner);
      if (owner?.isDetached === true && isAlive(owner)) kept.add(entry);
      else this.#endLeftover(files, owner);
    }
    for (const entry of readdirSync(this.#parts.layout.execs))
      if (!kept.has(entry)) rmSync(join(this.#parts.layout.execs, entry), { force: true });
  }

  close(): void {
    this.#watcher.close();
    closeSync(this.#folder);
    this.#outside.close();
  }

  async #spawn(
    id: string,
    request: RuntimeExec,
    { files, stdio }: { files: ExecFiles; stdio: ExecStdio },
  ): Promise<Child> {
    const { command, spawner, name } = this.#parts;
    const isSilent = request.detached === true && !request.tty;
    // A log of its own tells the runtime's words from the process's, also after the process began.
    const log =
      name === 'crun' || isSilent
        ? [`--log=${name === 'crun' ? 'file:' : ''}${files.log}`, '--log-format=json']
        : [];
    // runc copies the streams itself unless it leaves the process alone, and then waits for whoever holds them.
    const detach = this.#isDetached ? ['--detach'] : [];
    const terminal = request.tty
      ? ['--console-socket', join(this.#parts.layout.execs, `${files.name}.sock`)]
      : [];
    const given = ['--process', files.spec, '--pid-file', files.pid];
    const args = [...log, ...command.globalArgs, 'exec', ...detach, ...given, ...terminal, id];
    try {
      const child = await spawner.spawn({
        env: commandEnvironment,
        ...this.#outside.start(command.path, args, stdio.descriptors),
      });
      const identity = identifyProcess(child.pid);
      if (identity !== undefined) noteOwner(files.owner, { ...identity, isDetached: isSilent });
      return child;
    } finally {
      stdio.release();
    }
  }

  /** The process, once the runtime has written its pid down; undefined when it ended without. */
  async #waitForStart(files: ExecFiles, child: Child): Promise<ProcessIdentity | undefined> {
    const started = Promise.withResolvers<void>();
    const look = (): void => {
      if (readPid(files.pid) !== undefined) started.resolve();
    };
    this.#starting.set(`${files.name}.pid`, look);
    look();
    // A detached process is ours only once the runtime's command has ended.
    await (this.#isDetached ? endOf(child) : Promise.race([started.promise, endOf(child)]));
    this.#starting.delete(`${files.name}.pid`);
    const pid = readPid(files.pid);
    // A process that already ended has no start time any more.
    return pid === undefined ? undefined : (identifyProcess(pid) ?? { pid, startTime: '' });
  }

  /** crun waits for the process and answers its status; runc has left it to us when it ends. */
  async #statusOf(files: ExecFiles, child: Child, process: ProcessIdentity | undefined): Promise<number> {
    const status = await endOf(child);
    if (process === undefined || !this.#isDetached) return status;
    noteOwner(files.owner, { ...process, isDetached: readOwner(files.owner)?.isDetached === true });
    return endOf(this.#parts.spawner.adopt(process.pid));
  }

  async #finish(
    request: RuntimeExec,
    run: { files: ExecFiles; stdio: ExecStdio; status: Promise<number>; hasStarted: boolean },
  ): Promise<{ exitCode: number; error?: string }> {
    const { files, stdio } = run;
    const status = await run.status;
    const words = run.hasStarted ? readLog(files.log) : readLog(files.log) || (await stdio.failureText());
    if (run.hasStarted) await settleOutput(stdio);
    else discard(stdio);
    stdio.queue.end();
    this.#removeFiles(files);
    if (status === 0 || words === '') return { exitCode: run.hasStarted ? status : status || 126 };
    const { detail, exitCode } = explainFailure(words, request.args[0] ?? '');
    return { exitCode, error: detail };
  }

  #filesOf(name: string): ExecFiles {
    const path = (ending: string): string => join(this.#parts.layout.execs, `${name}.${ending}`);
    return {
      name,
      spec: path('json'),
      pid: path('pid'),
      log: path('log'),
      owner: path('owner'),
      socket: `/proc/self/fd/${this.#folder}/${name}.sock`,
    };
  }

  #removeFiles(files: ExecFiles): void {
    for (const path of [files.spec, files.pid, files.log, files.owner, files.socket])
      rmSync(path, { force: true });
  }

  #endLeftover(files: ExecFiles, owner: Owner | undefined): void {
    if (owner === undefined || !isAlive(owner)) return;
    const pid = readPid(files.pid);
    // crun is the parent of the process it runs and ends with it; of runc's the process itself is noted.
    const stat = pid === undefined ? undefined : readProcessStat(pid);
    const isOwned = stat !== undefined && (stat.parent === owner.pid || stat.pid === owner.pid);
    const target = isOwned ? stat : owner;
    signalIdentity(target, killSignal);
    // It may have become our child when the daemon that began it died.
    this.#parts.spawner.adopt(target.pid);
  }
}

const openStdio = (request: RuntimeExec, socket: string, nowhere: number): ExecStdio => {
  if (request.tty) return openExecTerminal(socket, { nowhere, size: request.consoleSize });
  return request.detached === true ? withoutStreams(nowhere) : openExecPipes(request.attachStdin, nowhere);
};

/** Where no process began, all output is the runtime's own, which `error` holds. */
const discard = (stdio: ExecStdio): void => {
  stdio.destroy();
  stdio.queue.drain();
};

const toExecProcess = (run: {
  readonly stdio: ExecStdio;
  readonly child: Child;
  readonly process: ProcessIdentity | undefined;
  readonly exit: RuntimeExecProcess['exit'];
}): RuntimeExecProcess => ({
  pid: run.process?.pid ?? 0,
  output: run.stdio.queue,
  write: run.stdio.write,
  closeInput: run.stdio.closeInput,
  resize: run.stdio.resize,
  exit: run.exit,
  kill: (signal) => {
    if (run.process === undefined || run.process.startTime === '') return;
    // The runtime's command, which is of the same group, stays to reap the process.
    const others =
      signal === killSignal ? groupOf(run.process).filter(({ pid }) => pid !== run.child.pid) : [];
    for (const process of [run.process, ...others]) signalIdentity(process, signal);
  },
});

/** What the process has started, as far as it shares its group: all but the jobs of interactive shells. */
const groupOf = (process: ProcessIdentity): ProcessIdentity[] => {
  const leader = readProcessStat(process.pid);
  if (leader?.startTime !== process.startTime) return [];
  return readdirSync('/proc').flatMap((entry) => {
    const stat = /^\d+$/.test(entry) ? readProcessStat(Number(entry)) : undefined;
    return stat?.group === leader.group ? [stat] : [];
  });
};

const toProcessSpec = (request: RuntimeExec): object => {
  const { capabilities, consoleSize } = request;
  return {
    terminal: request.tty,
    ...(consoleSize === undefined
      ? {}
      : { consoleSize: { height: consoleSize.rows, width: consoleSize.columns } }),
    user: request.user,
    args: request.args,
    env: request.env,
    cwd: request.cwd,
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: [],
      ambient: [],
    },
    noNewPrivileges: request.noNewPrivileges,
  };
};

const readPid = (path: string): number | undefined => {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    // Not written yet.
    return undefined;
  }
};

/** The last message of crun's JSON log. */
const readLog = (path: string): string => {
  try {
    const line = readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '';
    const entry: unknown = line === '' ? undefined : JSON.parse(line);
    const isEntry =
      typeof entry === 'object' && entry !== null && 'msg' in entry && typeof entry.msg === 'string';
    return isEntry ? String(entry.msg) : '';
  } catch {
    // No log: the runtime had nothing to say.
    return '';
  }
};
