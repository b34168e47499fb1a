import type { FSWatcher } from 'node:fs';
import type { RuntimeExit } from '#engine/ports/container-runtime.ts';
import { hasOomKill } from './control.ts';
import { readExitNote, watchFolder } from './monitor/exits.ts';
import type { ExitNote } from './monitor/exits.ts';
import type { RuntimeParts } from './parts.ts';
import { isAlive } from './process/process-identity.ts';
import type { Tracked } from './record.ts';
import { killContainer } from './remove.ts';

/** How often the monitors of an earlier daemon are looked at: their death shows nowhere else. */
const adoptedIntervalMs = 2000;
/** 128 + SIGKILL: without its monitor a container is killed. */
const lostExitCode = 137;

/**
 * Learns of ends from the monitors' exit files, the same way for containers of this daemon and of an earlier
 * one. The end of a monitor only says: look again, there will be no such file any more.
 */
export class ExitWatch {
  readonly #parts: RuntimeParts;
  readonly #containers: ReadonlyMap<string, Tracked>;
  readonly #adopted = new Set<Tracked>();
  readonly #listeners: ((exit: RuntimeExit) => void)[] = [];
  /** Ends found before `tell`. */
  #untold: RuntimeExit[] | undefined = [];
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: RuntimeParts, containers: ReadonlyMap<string, Tracked>) {
    this.#parts = parts;
    this.#containers = containers;
  }

  onExit(listener: (exit: RuntimeExit) => void): void {
    this.#listeners.push(listener);
  }

  /** Begins to watch; what is found is told from `tell` on. */
  open(): void {
    this.#watcher ??= watchFolder(this.#parts.layout.exits, (name) => {
      const tracked = this.#containers.get(name);
      if (tracked !== undefined) this.look(tracked);
    });
    this.#timer ??= setInterval(() => this.#checkAdopted(), adoptedIntervalMs).unref();
  }

  tell(): void {
    const untold = this.#untold ?? [];
    this.#untold = undefined;
    // After the caller of `recover` has its findings.
    setImmediate(() => untold.forEach((exit) => this.#report(exit)));
  }

  /** Takes over a container of an earlier daemon; its end is known on return if it has ended. */
  async adopt(tracked: Tracked): Promise<void> {
    this.#adopted.add(tracked);
    this.look(tracked);
    await tracked.ending;
  }

  look(tracked: Tracked): void {
    if (tracked.ending !== undefined) return;
    const note = readExitNote(tracked.bundle.exitFile);
    if (note !== undefined) tracked.ending = this.#end(tracked, note);
  }

  /** The monitor has ended: it left a note, or died. */
  onMonitorEnd(tracked: Tracked): void {
    this.#adopted.delete(tracked);
    if (this.#containers.get(tracked.record.id) !== tracked) return;
    this.look(tracked);
    if (tracked.ending !== undefined) return;
    this.#parts.warn(`the monitor of container ${tracked.record.id} died; the container is killed`);
    tracked.ending = this.#endLost(tracked);
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
    this.#untold = [];
  }

  async #endLost(tracked: Tracked): Promise<void> {
    // Its process is our child now, and its namespaces end only once it is reaped.
    if (tracked.record.process !== undefined) this.#parts.spawner.adopt(tracked.record.process.pid);
    await killContainer(this.#parts, tracked).catch((error: unknown) => {
      this.#parts.warn(`container ${tracked.record.id} could not be killed`, error);
    });
    await this.#end(tracked, { exitCode: lostExitCode, finishedAt: Date.now() });
  }

  async #end(tracked: Tracked, note: ExitNote): Promise<void> {
    const oomKilled = await hasOomKill(this.#parts, tracked);
    const exit = { id: tracked.record.id, ...note, oomKilled };
    tracked.exit = exit;
    this.#report(exit);
  }

  #report(exit: RuntimeExit): void {
    if (this.#untold !== undefined) this.#untold.push(exit);
    else for (const listener of this.#listeners) listener(exit);
  }

  #checkAdopted(): void {
    for (const tracked of this.#adopted) {
      const { monitor } = tracked.record;
      if (tracked.exit !== undefined || monitor === undefined) this.#adopted.delete(tracked);
      else if (!isAlive(monitor)) this.onMonitorEnd(tracked);
    }
  }
}
