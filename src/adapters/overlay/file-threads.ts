import { startThread } from '#adapters/libc/thread-calls.ts';
import { codeOf } from './layer-error.ts';

import type { Thread } from '#adapters/libc/thread-calls.ts';
import type { FileCalls } from './file-thread.ts';

type CallName = keyof FileCalls;
type Argument<Name extends CallName> = Parameters<FileCalls[Name]>[0];
type Result<Name extends CallName> = Awaited<ReturnType<FileCalls[Name]>>;

const IDLE_MS = 15_000;

const start = (): Thread<FileCalls> => startThread<FileCalls>(new URL('./file-thread.ts', import.meta.url));

/** File threads for one sort of work: at most so many, one task each, started when needed, ended when idle. */
export class FileThreadPool {
  readonly #limit: number;
  readonly #idle: { thread: Thread<FileCalls>; timer: NodeJS.Timeout }[] = [];
  readonly #all = new Set<Thread<FileCalls>>();
  readonly #queue: ((thread: Thread<FileCalls>) => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<Name extends CallName>(name: Name, argument: Argument<Name>): Promise<Result<Name>> {
    const thread = await this.#take();
    try {
      return await thread.call(name, argument);
    } catch (error) {
      if (codeOf(error) === 'thread.ended') this.#all.delete(thread);
      throw error;
    } finally {
      this.#giveBack(thread);
    }
  }

  async close(): Promise<void> {
    for (const { timer } of this.#idle) clearTimeout(timer);
    await Promise.all([...this.#all].map((thread) => thread.close()));
    this.#all.clear();
  }

  #take(): Thread<FileCalls> | Promise<Thread<FileCalls>> {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      return idle.thread;
    }
    if (this.#all.size >= this.#limit) return new Promise((resolve) => void this.#queue.push(resolve));
    return this.#add();
  }

  #add(): Thread<FileCalls> {
    const thread = start();
    this.#all.add(thread);
    return thread;
  }

  #giveBack(thread: Thread<FileCalls>): void {
    const next = this.#queue.shift();
    // A thread that died makes room for a new one.
    if (!this.#all.has(thread)) return next === undefined ? undefined : next(this.#add());
    if (next !== undefined) return next(thread);
    const timer = setTimeout(() => void this.#end(thread), IDLE_MS).unref();
    this.#idle.push({ thread, timer });
    return undefined;
  }

  async #end(thread: Thread<FileCalls>): Promise<void> {
    const at = this.#idle.findIndex((item) => item.thread === thread);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#all.delete(thread);
    await thread.close();
  }
}

/** The threads of an overlay: one that answers at once, and pools for what takes its time. */
export class FileThreads {
  /** Mounts and small files. */
  readonly quick: Thread<FileCalls> = start();
  /** Layers and digests. */
  readonly layers: FileThreadPool;
  /** Walks over a container's files. */
  readonly walks = new FileThreadPool(1);
  /** Deletion, behind everyone's back. */
  readonly removals = new FileThreadPool(1);

  constructor(layerThreads: number) {
    this.layers = new FileThreadPool(layerThreads);
  }

  async close(): Promise<void> {
    await Promise.all([this.quick.close(), this.layers.close(), this.walks.close(), this.removals.close()]);
  }
}
