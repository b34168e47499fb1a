import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RuntimeFinding } from '#engine/ports/container-runtime.ts';
import { readLivingState } from './control.ts';
import { bundleOf } from './layout.ts';
import { readExitNote } from './monitor/exits.ts';
import type { RuntimeParts } from './parts.ts';
import { identifyProcess, isAlive, signalIdentity } from './process/process-identity.ts';
import { loadRecord, track } from './record.ts';
import type { ContainerRecord, Tracked } from './record.ts';
import { removeTraces } from './remove.ts';

const killSignal = 9;
const killDeadlineMs = 10_000;

/** Compares what an earlier daemon left on the machine with what the engine believes. */
export class Recovery {
  readonly #parts: RuntimeParts;
  /** Takes a container that is to be watched from now on. */
  readonly #adopt: (tracked: Tracked) => Promise<void>;

  constructor(parts: RuntimeParts, adopt: (tracked: Tracked) => Promise<void>) {
    this.#parts = parts;
    this.#adopt = adopt;
  }

  async run(believed: readonly string[]): Promise<RuntimeFinding[]> {
    const { layout } = this.#parts;
    const wanted = new Set(believed);
    const present = new Set([
      ...list(layout.containers),
      ...list(layout.stateRoot).filter((name) => !name.startsWith('.')),
    ]);
    const findings: RuntimeFinding[] = [];
    for (const id of present) {
      const finding = await this.#examine(id, wanted.has(id));
      if (finding !== undefined) findings.push(finding);
    }
    await this.#parts.madeGroups.recover();
    for (const id of wanted) if (!present.has(id)) findings.push({ id, state: 'lost' });
    await Promise.all(list(layout.exits).map((name) => this.#dropExitFile(name, wanted)));
    return findings;
  }

  async #examine(id: string, isWanted: boolean): Promise<RuntimeFinding | undefined> {
    const bundle = bundleOf(this.#parts.layout, id);
    const record = loadRecord(bundle);
    const tracked = track(bundle, record ?? emptyRecord(id, `${this.#parts.cgroupParent}/${id}`));
    const { process, monitor } = tracked.record;
    if (!isWanted || process === undefined || monitor === undefined) return this.#discard(tracked, isWanted);
    // In this order: a monitor that ends between the two looks has left its note before.
    const isWatched = isAlive(monitor);
    const note = readExitNote(bundle.exitFile);
    // Without its monitor nobody learns how it ends, and its output goes nowhere.
    if (note === undefined && !isWatched) return this.#discard(tracked, isWanted);
    await this.#adopt(tracked);
    if (tracked.exit !== undefined) return { id, state: 'exited', exit: tracked.exit };
    return { id, state: await readLivingState(this.#parts, tracked), process };
  }

  /** A container nobody wants, or one whose creation was cut short and may still be going on. */
  async #discard(tracked: Tracked, isWanted: boolean): Promise<RuntimeFinding | undefined> {
    const { id } = tracked.record;
    this.#parts.warn(`container ${id} was left behind by an earlier daemon and is removed`);
    try {
      this.#adoptProcesses(tracked);
      await endProcessesOf(tracked);
      await removeTraces(this.#parts, tracked);
    } catch (error) {
      this.#parts.warn(`container ${id} could not be removed`, error);
    }
    return isWanted ? { id, state: 'lost' } : undefined;
  }

  /** They may have become our children when the daemon that began them died: then we must reap them. */
  #adoptProcesses({ record }: Tracked): void {
    for (const identity of [record.monitor, record.process]) {
      if (identity !== undefined) this.#parts.spawner.adopt(identity.pid);
    }
  }

  async #dropExitFile(name: string, wanted: ReadonlySet<string>): Promise<void> {
    if (!wanted.has(name)) await rm(join(this.#parts.layout.exits, name), { force: true });
  }
}

const emptyRecord = (id: string, cgroupPath: string): ContainerRecord => ({
  id,
  cgroupPath,
  terminal: false,
  openStdin: false,
  stdinOnce: false,
});

/** Kills the monitor and the runtime's `create` if they are still at work: they name the bundle in their arguments. */
const endProcessesOf = async ({ bundle, record }: Tracked): Promise<void> => {
  if (record.monitor !== undefined) signalIdentity(record.monitor, killSignal);
  const deadline = performance.now() + killDeadlineMs;
  for (;;) {
    const pids = processesNaming(bundle.path);
    if (pids.length === 0 || performance.now() > deadline) return;
    for (const pid of pids) {
      const identity = identifyProcess(pid);
      if (identity !== undefined) signalIdentity(identity, killSignal);
    }
    await sleep(2);
  }
};

const processesNaming = (path: string): number[] =>
  list('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || !readArguments(name).includes(path)) return [];
    const identity = identifyProcess(Number(name));
    return identity !== undefined && isAlive(identity) ? [identity.pid] : [];
  });

const readArguments = (pid: string): string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // The process has left.
    return [];
  }
};

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    // Never made: nothing was ever kept there.
    return [];
  }
};
