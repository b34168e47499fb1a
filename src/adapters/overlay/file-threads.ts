import { startThread } from '#adapters/libc/thread-calls.ts';
import { ThreadPool } from '#adapters/libc/thread-pool.ts';

import type { Thread } from '#adapters/libc/thread-calls.ts';
import type { FileCalls } from './file-thread.ts';

type CallName = keyof FileCalls;
type Argument<Name extends CallName> = Parameters<FileCalls[Name]>[0];
type Result<Name extends CallName> = Awaited<ReturnType<FileCalls[Name]>>;

const start = (): Thread<FileCalls> => startThread<FileCalls>(new URL('./file-thread.ts', import.meta.url));

/** File threads for one sort of work. */
export class FileThreadPool {
  readonly #pool: ThreadPool<FileCalls>;

  constructor(limit: number) {
    this.#pool = new ThreadPool({ start, busy: limit });
  }

  run<Name extends CallName>(
    name: Name,
    argument: Argument<Name>,
    signal?: AbortSignal,
  ): Promise<Result<Name>> {
    return this.#pool.run((thread) => thread.call(name, argument), { signal });
  }

  close(): Promise<void> {
    return this.#pool.close();
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
