import { mkdirSync, renameSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LogBatch, LogReadOptions, LogStore } from '#engine/ports/log-store.ts';
import { LOG_NAME, onMissing } from './log-files.ts';
import { readLog } from './read-log.ts';
import { rotate, sizeOf } from './rotate.ts';
import type { DroppedBytes } from './rotate.ts';

export type MonitorLogOptions = {
  readonly dataRoot: string;
  /** Makes the monitor of this container open its log anew. */
  readonly reopen: (containerId: string) => Promise<void>;
  readonly onWarning: (message: string, error: unknown) => void;
  /** How often sizes are looked at. */
  readonly intervalMs?: number;
};

type Limit = { readonly maxSizeBytes: number; readonly maxFiles: number };

type Watched = {
  readonly limit: Limit;
  /** What may be written before the next look at the size. */
  allowance: number;
  /** One rotation at a time. */
  isLooking: boolean;
};

const DEFAULT_INTERVAL_MS = 1000;
/** Of the room that is left, how much may be written before a look: stored lines are longer than what was said. */
const LOOK_SHARE = 1 / 4;
const LEAST_LOOK_BYTES = 2048;

/** Logs in conmon's own format under `<data root>/containers/<id>/log/`. */
export const createMonitorLog = (options: MonitorLogOptions): LogStore & Disposable =>
  new MonitorLog(options);

class MonitorLog implements LogStore {
  readonly #options: MonitorLogOptions;
  readonly #limits = new Map<string, Watched>();
  /** How many readers still need the log of a container. */
  readonly #holds = new Map<string, number>();
  /** Removed, but held. */
  readonly #aside = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #rotating = false;

  constructor(options: MonitorLogOptions) {
    this.#options = options;
    // Of readers of an earlier daemon.
    void rm(this.#asideFolder, { recursive: true, force: true }).catch(() => undefined);
  }

  async prepare(containerId: string): Promise<string> {
    const directory = this.#directory(containerId);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return path.join(directory, LOG_NAME);
  }

  read(containerId: string, options: LogReadOptions): AsyncIterable<LogBatch> {
    return readLog(this.#directory(containerId), options);
  }

  async dropped(containerId: string): Promise<DroppedBytes> {
    const text = await readFile(this.#droppedFile(containerId), 'utf8').catch(
      onMissing('{"stdout":0,"stderr":0}'),
    );
    return JSON.parse(text) as DroppedBytes;
  }

  limit(containerId: string, limit: Limit): void {
    this.#limits.set(containerId, { limit, allowance: LEAST_LOOK_BYTES, isLooking: false });
    this.#timer ??= setInterval(
      () => void this.#rotateAll(),
      this.#options.intervalMs ?? DEFAULT_INTERVAL_MS,
    ).unref();
  }

  grown(containerId: string, bytes: number): void {
    const watched = this.#limits.get(containerId);
    if (watched === undefined) return;
    watched.allowance -= bytes;
    if (watched.allowance <= 0) void this.#rotateOne(containerId, watched);
  }

  unlimit(containerId: string): void {
    this.#limits.delete(containerId);
    if (this.#limits.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async remove(containerId: string): Promise<void> {
    this.unlimit(containerId);
    // At once: others remove what is around it.
    if (this.#holds.has(containerId) && this.#putAside(containerId)) return;
    await rm(this.#directory(containerId), { recursive: true, force: true });
  }

  hold(containerId: string): () => void {
    this.#holds.set(containerId, (this.#holds.get(containerId) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#letGo(containerId);
      isHeld = false;
    };
  }

  #letGo(containerId: string): void {
    const left = (this.#holds.get(containerId) ?? 0) - 1;
    if (left > 0) return void this.#holds.set(containerId, left);
    this.#holds.delete(containerId);
    if (!this.#aside.has(containerId)) return;
    const directory = this.#directory(containerId);
    this.#aside.delete(containerId);
    void rm(directory, { recursive: true, force: true }).catch((error: unknown) =>
      this.#options.onWarning(`log of ${containerId} could not be removed`, error),
    );
  }

  #putAside(containerId: string): boolean {
    try {
      mkdirSync(this.#asideFolder, { recursive: true, mode: 0o700 });
      renameSync(this.#directory(containerId), path.join(this.#asideFolder, containerId));
      this.#aside.add(containerId);
      return true;
    } catch {
      // No log, or no room for a folder: its readers are told.
      return false;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#limits.clear();
  }

  get #asideFolder(): string {
    return path.join(this.#options.dataRoot, 'removed-logs');
  }

  #directory(containerId: string): string {
    if (this.#aside.has(containerId)) return path.join(this.#asideFolder, containerId);
    return path.join(this.#options.dataRoot, 'containers', containerId, 'log');
  }

  #droppedFile(containerId: string): string {
    return path.join(this.#directory(containerId), 'dropped.json');
  }

  /** One pass at a time: a slow disk must not pile passes up. */
  async #rotateAll(): Promise<void> {
    if (this.#rotating) return;
    this.#rotating = true;
    try {
      for (const [id, watched] of this.#limits) await this.#rotateOne(id, watched);
    } finally {
      this.#rotating = false;
    }
  }

  async #rotateOne(containerId: string, watched: Watched): Promise<void> {
    if (watched.isLooking) return;
    watched.isLooking = true;
    const { limit } = watched;
    const directory = this.#directory(containerId);
    try {
      const size = await sizeOf(directory);
      watched.allowance = Math.max(LEAST_LOOK_BYTES, (limit.maxSizeBytes - size) * LOOK_SHARE);
      if (size < limit.maxSizeBytes) return;
      const before = await this.dropped(containerId);
      const now = await rotate(directory, limit.maxFiles, async () => this.#options.reopen(containerId));
      const total = { stdout: before.stdout + now.stdout, stderr: before.stderr + now.stderr };
      // Renamed into place: a reader must never see half of it.
      await writeFile(`${this.#droppedFile(containerId)}.new`, JSON.stringify(total));
      await rename(`${this.#droppedFile(containerId)}.new`, this.#droppedFile(containerId));
    } catch (error) {
      this.#options.onWarning(`log of ${containerId} could not be rotated`, error);
    } finally {
      watched.isLooking = false;
    }
  }
}
