import { Gate } from '#lib/gate.ts';
import { randomId } from '#lib/random-id.ts';
import type { Container } from '#domain/container/container.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Exec, ExecConfig } from '#domain/exec/exec.ts';
import type { ContainerId, ExecId } from '#domain/value/flavor.ts';
import type { ExecHooks, ProbeOptions } from '#engine/containers/hooks.ts';
import type { Attachment, ExecOperations } from '#engine/engine.ts';
import { containerEvent } from '#engine/events/container-event.ts';
import type { RuntimeExecProcess } from '#engine/ports/container-runtime.ts';
import type { EngineWorld } from '#engine/world.ts';
import { buildExecRequest } from './exec-request.ts';
import { ExecSession } from './exec-session.ts';
import { runProbe } from './run-probe.ts';

export type Execs = ExecOperations & ExecHooks;

type Needs = Pick<EngineWorld, 'runtime' | 'snapshotter' | 'machine' | 'events' | 'clock' | 'log'> & {
  /** Looks a container up by any reference. */
  readonly find: (ref: string) => Container;
};

/** A finished exec can be looked at this long while its container runs (docker-semantics.md 11.1). */
const KEEP_FINISHED_MS = 5 * 60 * 1000;
/** How long a resize waits for the command to begin. */
const RESIZE_WAIT_MS = 1000;

type Entry = {
  exec: Exec;
  process?: RuntimeExecProcess;
  /** Opened when it runs, or with undefined where it could not be run. */
  readonly begun: Gate<RuntimeExecProcess | undefined>;
};

/** How the command is begun. */
type Start = { readonly consoleSize?: readonly [number, number]; readonly detached?: boolean };

export const createExecs = (needs: Needs): Execs => new ExecTable(needs);

/** Execs live in memory: they end with their container or with the daemon's watch over them. */
class ExecTable implements Execs {
  readonly #needs: Needs;
  readonly #entries = new Map<ExecId, Entry>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async create(ref: string, config: ExecConfig): Promise<ExecId> {
    const container = this.#needs.find(ref);
    if (config.command.length === 0 || config.command[0] === '') {
      throw new EngineError('invalid', 'exec.no-command', 'No exec command specified');
    }
    checkRunning(container, ref);
    this.#needs.runtime.expect();
    const id: ExecId = randomId();
    const exec: Exec = {
      id,
      containerId: container.id,
      config,
      running: false,
      started: false,
      exitCode: null,
      pid: 0,
    };
    this.#entries.set(id, { exec, begun: new Gate() });
    this.#publish(`exec_create: ${config.command.join(' ')}`, container, { execID: id });
    return id;
  }

  get(id: ExecId): Exec {
    return this.#entry(id).exec;
  }

  permitStart(id: ExecId): void {
    const { containerId } = this.#entry(id).exec;
    checkRunning(this.#needs.find(containerId), containerId);
  }

  async startDetached(id: ExecId): Promise<void> {
    const { process } = await this.#begin(id, { detached: true });
    void drainAway(process);
    await refuseUnstarted(this.get(id), process);
  }

  async start(
    id: ExecId,
    options: { consoleSize?: readonly [number, number]; signal: AbortSignal },
  ): Promise<Attachment> {
    const { config } = this.#entry(id).exec;
    const { process, ended } = await this.#begin(id, options);
    return new ExecSession(process, {
      tty: config.tty,
      stdin: config.attachStdin,
      stdout: config.attachStdout,
      stderr: config.attachStderr,
      signal: options.signal,
      ended,
    });
  }

  async resize(id: ExecId, size: { rows: number; columns: number }): Promise<void> {
    const entry = this.#entry(id);
    const late = new AbortController();
    const timer = new AbortController();
    void this.#needs.clock.sleep(RESIZE_WAIT_MS, timer.signal).then(
      () => late.abort(),
      () => undefined,
    );
    const process = await entry.begun.wait(late.signal);
    timer.abort();
    if (process === undefined || !entry.exec.running) {
      throw new EngineError(
        'conflict',
        'exec.not-running',
        `Exec ${id} is not running, so it can not be resized.`,
        {
          params: { id },
        },
      );
    }
    await process.resize(size);
  }

  containerEnded(containerId: ContainerId): void {
    for (const { exec } of this.#entries.values()) {
      if (exec.containerId === containerId && !exec.running) this.#entries.delete(exec.id);
    }
  }

  idsOf(containerId: ContainerId): ExecId[] {
    return [...this.#entries.values()]
      .filter(({ exec }) => exec.containerId === containerId && exec.exitCode === null)
      .map(({ exec }) => exec.id);
  }

  async probe(containerId: ContainerId, command: readonly string[], options: ProbeOptions): Promise<number> {
    const id = await this.create(containerId, {
      command,
      user: '',
      privileged: false,
      tty: false,
      attachStdin: false,
      attachStdout: true,
      attachStderr: true,
      env: [],
      workingDir: '',
      detachKeys: '',
    });
    try {
      const { process, ended } = await this.#begin(id);
      return await runProbe(process, ended, options);
    } finally {
      // Nobody was told its id, and there will be many.
      this.#entries.delete(id);
    }
  }

  async #begin(id: ExecId, how: Start = {}): Promise<{ process: RuntimeExecProcess; ended: Promise<void> }> {
    const entry = this.#entry(id);
    const container = this.#needs.find(entry.exec.containerId);
    checkRunning(container, container.id);
    if (entry.exec.started) {
      throw new EngineError(
        'conflict',
        'exec.already-started',
        `Error: Exec command ${id} is already running`,
        {
          params: { id, running: entry.exec.running },
        },
      );
    }
    entry.exec = { ...entry.exec, started: true };
    const process = await this.#launch(entry, container, how);
    return { process, ended: this.#watch(entry, container, process) };
  }

  async #launch(
    entry: Entry,
    container: Container,
    { consoleSize, detached = false }: Start,
  ): Promise<RuntimeExecProcess> {
    const { exec } = entry;
    try {
      const request = buildExecRequest({
        container,
        config: exec.config,
        users: await this.#userFiles(container.id),
        facts: this.#needs.machine.facts,
        detached,
        ...(consoleSize === undefined ? {} : { consoleSize }),
      });
      this.#publish(`exec_start: ${exec.config.command.join(' ')}`, container, { execID: exec.id });
      const process = await this.#needs.runtime.exec(container.id, request);
      entry.process = process;
      entry.exec = { ...exec, started: true, running: true, pid: process.pid };
      entry.begun.open(process);
      return process;
    } catch (error) {
      entry.exec = { ...exec, started: true, running: false, exitCode: 126 };
      entry.begun.open(undefined);
      throw error;
    }
  }

  /** Stores the exit code; the event comes after it. */
  async #watch(entry: Entry, container: Container, process: RuntimeExecProcess): Promise<void> {
    const { exitCode, error } = await process.exit;
    entry.exec = { ...entry.exec, running: false, exitCode, ...(error === undefined ? {} : { error }) };
    this.#publish('exec_die', container, { execID: entry.exec.id, exitCode: String(exitCode) });
    void this.#needs.clock.sleep(KEEP_FINISHED_MS).then(() => this.#entries.delete(entry.exec.id));
  }

  async #userFiles(containerId: ContainerId): Promise<{ passwd: string; group: string }> {
    const read = async (path: string): Promise<string> => {
      const bytes = await this.#needs.snapshotter.readFile(containerId, path);
      return bytes === undefined ? '' : new TextDecoder().decode(bytes);
    };
    const [passwd, group] = await Promise.all([read('/etc/passwd'), read('/etc/group')]);
    return { passwd, group };
  }

  #entry(id: ExecId): Entry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    throw new EngineError('not-found', 'exec.not-found', `No such exec instance: ${id}`, { params: { id } });
  }

  #publish(action: string, container: Container, attributes: Readonly<Record<string, string>>): void {
    this.#needs.events.publish(containerEvent(action, container, attributes));
  }
}

/** Throws `conflict`: `exec.container-paused` or `exec.container-not-running` {id, ref, status, exitCode}. */
const checkRunning = (container: Container, ref: string): void => {
  const { status, exitCode } = container.state;
  const params = { id: container.id, ref, status, exitCode };
  if (status === 'paused') {
    throw new EngineError(
      'conflict',
      'exec.container-paused',
      `Container ${ref} is paused, unpause the container before exec`,
      { params },
    );
  }
  if (status !== 'running') {
    throw new EngineError(
      'conflict',
      'exec.container-not-running',
      `container ${container.id} is not running`,
      { params },
    );
  }
};

/** Throws `invalid` `exec.start-failed` {id, container, detail, exitCode} where the runtime could not begin the command. */
const refuseUnstarted = async (
  { id, containerId: container }: Exec,
  process: RuntimeExecProcess,
): Promise<void> => {
  if (process.pid !== 0) return;
  const { exitCode, error: detail } = await process.exit;
  if (detail !== undefined) throw engineError('exec.start-failed', { id, container, detail, exitCode });
};

const drainAway = async (process: RuntimeExecProcess): Promise<void> => {
  try {
    const chunks = process.output[Symbol.asyncIterator]();
    while ((await chunks.next()).done !== true);
  } catch {
    // The command's end is told by its exit.
  }
};
