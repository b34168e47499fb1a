import { closeSync, openSync } from 'node:fs';
import { startThread } from '#adapters/libc/thread-calls.ts';
import type { Thread } from '#adapters/libc/thread-calls.ts';
import type { SpawnerCalls, SpawnerData, SpawnRequest } from './spawner-thread.ts';
import { Children } from './children.ts';

/** A started program: its pid, and its status (or 128 + signal) once it ended. */
export type Child = { readonly pid: number; readonly exit: Promise<number> };

/** As `child.exit`, and keeps the process alive meanwhile: a SIGCHLD alone does not. */
export const endOf = async (child: Child): Promise<number> => {
  const awake = setInterval(() => {}, 60_000);
  try {
    return await child.exit;
  } finally {
    clearInterval(awake);
  }
};

/** Starts processes from a thread of its own and reaps them. One per runtime. */
export class Spawner {
  readonly #thread: Thread<SpawnerCalls>;
  readonly #children = new Children();
  /** For children without input or output. */
  readonly nowhere = openSync('/dev/null', 'r+');

  private constructor(data: SpawnerData) {
    this.#thread = startThread<SpawnerCalls>(new URL('./spawner-thread.ts', import.meta.url), { data });
  }

  static async start(data: SpawnerData): Promise<Spawner> {
    const spawner = new Spawner(data);
    try {
      await spawner.#thread.call('prepare', undefined);
      return spawner;
    } catch (error) {
      await spawner.close();
      throw error;
    }
  }

  /** Throws SystemCallError when the program cannot be started. */
  async spawn(request: SpawnRequest): Promise<Child> {
    const pid = await this.#thread.call('spawn', request);
    return { pid, exit: this.#children.wait(pid) };
  }

  /** A process that became our child when its parent ended: we are its subreaper. */
  adopt(pid: number): Child {
    return { pid, exit: this.#children.wait(pid) };
  }

  async close(): Promise<void> {
    this.#children.close();
    await this.#thread.close();
    closeSync(this.nowhere);
  }
}
