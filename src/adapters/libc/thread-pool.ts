import { engineError } from '#domain/error/catalogue.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { CallTable, Thread } from './thread-calls.ts';

export type PoolOptions<Calls extends CallTable> = {
  readonly start: () => Thread<Calls>;
  /** Threads that work at a time. */
  readonly busy: number;
  /** Threads in all, with those whose task waits for somebody else. Default: as many as may work. */
  readonly most?: number;
};

/** How a task is told to go, and how it tells that it only waits. */
export type PoolTask = {
  /** A task that has not begun is dropped: `cancelled`, code `thread.not-needed`. */
  readonly signal?: AbortSignal | undefined;
  /** Since when its thread does nothing but wait for a client; undefined while it works. */
  readonly idleSince?: () => number | undefined;
  /** Ends a task whose client has done nothing for long while others wait for its thread. */
  readonly cut?: () => void;
};

type Waiting<Calls extends CallTable> = (thread: Thread<Calls>) => void;

const IDLE_MS = 15_000;
const LOOK_EVERY_MS = 100;
const STALLED_MS = 200;
const TOO_LONG_MS = 60_000;

/** Threads for one sort of work: a task each, started when needed and ended when idle. */
export class ThreadPool<Calls extends CallTable> {
  readonly #options: PoolOptions<Calls>;
  readonly #idle: { readonly thread: Thread<Calls>; readonly timer: NodeJS.Timeout }[] = [];
  readonly #all = new Set<Thread<Calls>>();
  readonly #tasks = new Set<PoolTask>();
  #queue: Waiting<Calls>[] = [];
  #looks: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions<Calls>) {
    this.#options = options;
  }

  async run<Result>(work: (thread: Thread<Calls>) => Promise<Result>, task: PoolTask = {}): Promise<Result> {
    if (task.signal?.aborted === true) throw notNeeded();
    const thread = await this.#take(task.signal);
    // One for each run: what is told apart is who works.
    const own = { ...task };
    this.#tasks.add(own);
    try {
      return await work(thread);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'thread.ended') this.#all.delete(thread);
      throw error;
    } finally {
      this.#tasks.delete(own);
      this.#giveBack(thread);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#looks);
    for (const { timer } of this.#idle) clearTimeout(timer);
    await Promise.all([...this.#all].map(async (thread) => thread.close()));
    this.#all.clear();
  }

  #take(signal: AbortSignal | undefined): Thread<Calls> | Promise<Thread<Calls>> {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      return idle.thread;
    }
    return this.#hasRoom() ? this.#add() : this.#wait(signal);
  }

  #wait(signal: AbortSignal | undefined): Promise<Thread<Calls>> {
    this.#looks ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue = this.#queue.filter((each) => each !== begin);
        reject(notNeeded());
      };
      const begin = (thread: Thread<Calls>): void => {
        signal?.removeEventListener('abort', leave);
        resolve(thread);
      };
      this.#queue.push(begin);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #hasRoom(): boolean {
    const { busy, most = busy } = this.#options;
    if (this.#all.size < busy) return true;
    return this.#all.size < most && this.#all.size - this.#stalled(STALLED_MS).length < busy;
  }

  /** Those that have waited for their client for so long, the longest first. */
  #stalled(ms: number): PoolTask[] {
    const now = performance.now();
    return [...this.#tasks]
      .map((task) => ({ task, since: task.idleSince?.() ?? now }))
      .filter(({ since }) => now - since > ms)
      .toSorted((one, other) => one.since - other.since)
      .map(({ task }) => task);
  }

  /** Clients that stall hold threads, and nobody else up. */
  #look(): void {
    while (this.#queue.length > 0 && this.#hasRoom()) this.#queue.shift()?.(this.#add());
    if (this.#queue.length > 0) this.#stalled(TOO_LONG_MS)[0]?.cut?.();
    if (this.#queue.length > 0) return;
    clearInterval(this.#looks);
    this.#looks = undefined;
  }

  #add(): Thread<Calls> {
    const thread = this.#options.start();
    this.#all.add(thread);
    return thread;
  }

  #giveBack(thread: Thread<Calls>): void {
    const isAlive = this.#all.has(thread);
    // A thread that died makes room for a new one.
    const next = isAlive || this.#hasRoom() ? this.#queue.shift() : undefined;
    if (next !== undefined) return next(isAlive ? thread : this.#add());
    if (!isAlive) return undefined;
    const timer = setTimeout(() => void this.#end(thread), IDLE_MS).unref();
    this.#idle.push({ thread, timer });
    return undefined;
  }

  async #end(thread: Thread<Calls>): Promise<void> {
    const at = this.#idle.findIndex((item) => item.thread === thread);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#all.delete(thread);
    await thread.close();
  }
}

const notNeeded = (): EngineError => engineError('thread.not-needed');
