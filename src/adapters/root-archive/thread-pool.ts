import { startThread } from '#adapters/libc/thread-calls.ts';
import { codeOf } from './tree-handle.ts';

import type { Thread } from '#adapters/libc/thread-calls.ts';
import type { ArchiveCalls } from './archive-thread.ts';

type Archiver = Thread<ArchiveCalls>;

const IDLE_MS = 15_000;

/** Threads for archives, one task each, started when needed and ended when idle. */
export class ThreadPool {
  readonly #limit: number;
  readonly #idle: { readonly thread: Archiver; readonly timer: NodeJS.Timeout }[] = [];
  readonly #all = new Set<Archiver>();
  readonly #queue: ((thread: Archiver) => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<Result>(work: (thread: Archiver) => Promise<Result>): Promise<Result> {
    const thread = await this.#take();
    try {
      return await work(thread);
    } catch (error) {
      if (codeOf(error) === 'thread.ended') this.#all.delete(thread);
      throw error;
    } finally {
      this.#giveBack(thread);
    }
  }

  async close(): Promise<void> {
    for (const { timer } of this.#idle) clearTimeout(timer);
    await Promise.all([...this.#all].map(async (thread) => thread.close()));
    this.#all.clear();
  }

  #take(): Archiver | Promise<Archiver> {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      return idle.thread;
    }
    if (this.#all.size >= this.#limit) return new Promise((resolve) => void this.#queue.push(resolve));
    return this.#add();
  }

  #add(): Archiver {
    const thread = startThread<ArchiveCalls>(new URL('./archive-thread.ts', import.meta.url));
    this.#all.add(thread);
    return thread;
  }

  #giveBack(thread: Archiver): void {
    const next = this.#queue.shift();
    // A thread that died makes room for a new one.
    if (!this.#all.has(thread)) return next?.(this.#add());
    if (next !== undefined) return next(thread);
    const timer = setTimeout(() => void this.#end(thread), IDLE_MS).unref();
    this.#idle.push({ thread, timer });
    return undefined;
  }

  async #end(thread: Archiver): Promise<void> {
    const at = this.#idle.findIndex((item) => item.thread === thread);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#all.delete(thread);
    await thread.close();
  }
}
