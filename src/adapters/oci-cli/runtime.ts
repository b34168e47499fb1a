import { EngineError } from '#domain/error/engine-error.ts';
import type {
  ContainerRuntime,
  RuntimeConsole,
  RuntimeCreate,
  RuntimeExec,
  RuntimeExecProcess,
  RuntimeExit,
  RuntimeFinding,
  RuntimeProcess,
  TerminalSize,
} from '#engine/ports/container-runtime.ts';
import type { RuntimeSpec } from '#formats/oci-runtime/spec.ts';
import {
  hasOomKill,
  listProcesses,
  notRunning,
  pauseContainer,
  reopenContainerLog,
  resizeContainer,
  resumeContainer,
  signalContainer,
  startContainer,
  updateResources,
} from './control.ts';
import { createContainer } from './create.ts';
import { ExitWatch } from './exit-watch.ts';
import { Execs } from './exec/execs.ts';
import { bundleOf } from './layout.ts';
import { OomWatch } from './oom-watch.ts';
import { LeavingMonitors } from './monitor/leaving-monitors.ts';
import { prepareParts } from './prepare.ts';
import type { OciRuntimeOptions, PreparedParts } from './prepare.ts';
import type { RuntimeParts } from './parts.ts';
import { loadRecord, track } from './record.ts';
import type { Tracked } from './record.ts';
import { Recovery } from './recover.ts';
import { killContainer, removeTraces } from './remove.ts';
import { openConsole } from './streams/console.ts';

export type { OciRuntimeOptions } from './prepare.ts';

/**
 * Containers by an OCI runtime's command line (crun, or runc) under conmon(8). Everything that must outlive
 * the daemon is a file below the exec root or a process of its own.
 */
export const createOciRuntime = async (options: OciRuntimeOptions): Promise<ContainerRuntime> => {
  const { parts, versions, close } = await prepareParts(options);
  return new OciRuntime(parts, versions, close);
};

class OciRuntime implements ContainerRuntime {
  readonly name: string;
  readonly #parts: RuntimeParts;
  readonly #versions: Readonly<Record<string, string>>;
  readonly #closeParts: PreparedParts['close'];
  readonly #containers = new Map<string, Tracked>();
  readonly #exits: ExitWatch;
  readonly #execs: Execs;
  readonly #ooms = new OomWatch();
  readonly #leaving = new LeavingMonitors();

  constructor(
    parts: RuntimeParts,
    versions: Readonly<Record<string, string>>,
    closeParts: PreparedParts['close'],
  ) {
    this.name = parts.name;
    this.#parts = parts;
    this.#versions = versions;
    this.#closeParts = closeParts;
    this.#exits = new ExitWatch(parts, this.#containers);
    this.#execs = new Execs(parts);
  }

  async describe(): Promise<Readonly<Record<string, string>>> {
    return this.#versions;
  }

  expect(): void {
    this.#parts.moveLock.warm();
  }

  async create(request: RuntimeCreate): Promise<RuntimeProcess> {
    const { id } = request;
    if (this.#containers.has(id)) {
      throw new EngineError('exists', 'runtime.exists', `container ${id} exists already`, { params: { id } });
    }
    await this.#leaving.gone(id);
    const { tracked, monitor } = await createContainer(this.#parts, request);
    this.#containers.set(id, tracked);
    tracked.monitorEnd = monitor.child.exit.then(() => this.#exits.onMonitorEnd(tracked));
    // It may have ended before it was in the map.
    this.#exits.look(tracked);
    this.#ooms.watch(tracked);
    if (tracked.record.process === undefined) throw notRunning(id);
    return tracked.record.process;
  }

  async start(id: string): Promise<void> {
    await startContainer(this.#parts, this.#demand(id));
  }

  async signal(id: string, signal: number): Promise<void> {
    await signalContainer(this.#parts, this.#demand(id), signal);
  }

  async killAll(id: string): Promise<void> {
    await killContainer(this.#parts, this.#demand(id));
  }

  async pause(id: string): Promise<void> {
    await pauseContainer(this.#parts, this.#demand(id));
  }

  async resume(id: string): Promise<void> {
    await resumeContainer(this.#parts, this.#demand(id));
  }

  async delete(id: string): Promise<void> {
    const bundle = bundleOf(this.#parts.layout, id);
    const cgroupPath = `${this.#parts.cgroupParent}/${id}`;
    const unknown = { id, cgroupPath, terminal: false, openStdin: false, stdinOnce: false };
    const tracked = this.#containers.get(id) ?? track(bundle, loadRecord(bundle) ?? unknown);
    this.#ooms.forget(id);
    await removeTraces(this.#parts, tracked);
    this.#leaving.note(tracked);
    this.#containers.delete(id);
  }

  async processes(id: string): Promise<number[]> {
    return listProcesses(this.#parts, this.#demand(id));
  }

  async wasOomKilled(id: string): Promise<boolean> {
    const tracked = this.#demand(id);
    return tracked.exit?.oomKilled ?? hasOomKill(this.#parts, tracked);
  }

  async update(
    id: string,
    resources: NonNullable<NonNullable<RuntimeSpec['linux']>['resources']>,
  ): Promise<void> {
    await updateResources(this.#parts, this.#demand(id), resources);
  }

  async attach(id: string): Promise<RuntimeConsole> {
    const tracked = this.#containers.get(id);
    if (tracked === undefined) {
      throw new EngineError('not-found', 'runtime.console', `container ${id} has no output`, {
        params: { id },
      });
    }
    return openConsole(tracked);
  }

  async resize(id: string, size: TerminalSize): Promise<void> {
    resizeContainer(this.#demand(id), size);
  }

  async reopenLog(id: string): Promise<void> {
    reopenContainerLog(this.#demand(id));
  }

  async exec(id: string, request: RuntimeExec): Promise<RuntimeExecProcess> {
    const tracked = this.#demand(id);
    if (tracked.exit !== undefined) throw notRunning(id);
    return this.#execs.start(id, request);
  }

  onExit(listener: (exit: RuntimeExit) => void): void {
    this.#exits.onExit(listener);
  }

  onOomKill(listener: (id: string) => void): void {
    this.#ooms.onOomKill(listener);
  }

  async recover(believed: readonly string[]): Promise<RuntimeFinding[]> {
    this.#exits.open();
    this.#execs.recover();
    const recovery = new Recovery(this.#parts, async (tracked) => {
      this.#containers.set(tracked.record.id, tracked);
      this.#ooms.watch(tracked);
      await this.#exits.adopt(tracked);
    });
    const findings = await recovery.run(believed);
    this.#exits.tell();
    return findings;
  }

  async close(): Promise<void> {
    this.#exits.close();
    this.#ooms.close();
    this.#execs.close();
    await this.#closeParts([...this.#containers.values()].every(({ exit }) => exit !== undefined));
  }

  #demand(id: string): Tracked {
    const tracked = this.#containers.get(id);
    if (tracked === undefined) throw notRunning(id);
    return tracked;
  }
}
