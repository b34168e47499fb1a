import { EngineError } from '#domain/error/engine-error.ts';

export type TaskUser = {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
};

type Task<T> = {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly users: Set<TaskUser>;
  lastProgress: number;
};

/**
 * Work that several callers want at once is done once. Each sees the progress; the work stops when
 * the last of them has left.
 */
export class SharedTasks<T> {
  readonly #tasks = new Map<string, Task<T>>();

  /** Errors: what `work` throws, for everybody; `cancelled`, code `transfer.cancelled`, for who left. */
  async run(
    key: string,
    user: TaskUser,
    work: (signal: AbortSignal, onProgress: (bytes: number) => void) => Promise<T>,
  ): Promise<T> {
    if (user.signal.aborted) throw cancelled(user.signal);
    const task = this.#tasks.get(key) ?? this.#start(key, work);
    task.users.add(user);
    if (task.lastProgress > 0) user.onProgress(task.lastProgress);
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = (): void => reject(cancelled(user.signal));
    user.signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([task.result, left]);
    } finally {
      user.signal.removeEventListener('abort', leave);
      task.users.delete(user);
      if (task.users.size === 0) this.#stop(key, task);
    }
  }

  #start(
    key: string,
    work: (signal: AbortSignal, onProgress: (bytes: number) => void) => Promise<T>,
  ): Task<T> {
    const controller = new AbortController();
    const users = new Set<TaskUser>();
    const report = (bytes: number): void => {
      task.lastProgress = bytes;
      for (const user of users) user.onProgress(bytes);
    };
    // Begins after `task` exists: work may report at once.
    const result = Promise.resolve().then(async () => work(controller.signal, report));
    const task: Task<T> = { result, controller, users, lastProgress: 0 };
    this.#tasks.set(key, task);
    const forget = (): void => this.#forget(key, task);
    result.then(forget, forget);
    return task;
  }

  /** Harmless when the work has ended by itself. */
  #stop(key: string, task: Task<T>): void {
    task.controller.abort();
    this.#forget(key, task);
  }

  #forget(key: string, task: Task<T>): void {
    if (this.#tasks.get(key) === task) this.#tasks.delete(key);
  }
}

const cancelled = (signal: AbortSignal): EngineError =>
  new EngineError('cancelled', 'transfer.cancelled', 'the transfer was cancelled', { cause: signal.reason });
