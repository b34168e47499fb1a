import type { FSWatcher } from 'node:fs';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { watchFolder } from './monitor/exits.ts';
import type { Tracked } from './record.ts';

/** Learns from the monitors' notes that the OOM killer struck, while a container may run on. */
export class OomWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  #listener: (id: string) => void = () => {};

  onOomKill(listener: (id: string) => void): void {
    this.#listener = listener;
  }

  /** What was noted before is told too. */
  watch({ record: { id }, bundle }: Tracked): void {
    this.forget(id);
    const name = basename(bundle.oomFile);
    const watcher = watchFolder(bundle.path, (file) => {
      if (file === name) this.#listener(id);
    });
    // The folder goes with the container.
    watcher.on('error', () => {});
    this.#watchers.set(id, watcher);
    if (existsSync(bundle.oomFile)) this.#listener(id);
  }

  forget(id: string): void {
    this.#watchers.get(id)?.close();
    this.#watchers.delete(id);
  }

  close(): void {
    for (const id of this.#watchers.keys()) this.forget(id);
  }
}
