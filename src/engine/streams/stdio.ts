import { Gate } from '#lib/gate.ts';
import { whenAborted } from '#lib/signals.ts';
import type { ContainerConsole } from './container-console.ts';

/** A container's stdio over its runs: at most one console at a time, and those who wait for the next. */
export class Stdio {
  #console: ContainerConsole | undefined;
  #next = new Gate<ContainerConsole | undefined>();
  #ended = new Gate();

  get console(): ContainerConsole | undefined {
    return this.#console;
  }

  /** Resolves when the run that is on has ended; at once when there is none. */
  get ended(): Promise<void> {
    return this.#console === undefined ? Promise.resolve() : this.#ended.promise;
  }

  begin(console: ContainerConsole): void {
    this.#console = console;
    this.#ended = new Gate();
    const waiting = this.#next;
    this.#next = new Gate();
    waiting.open(console);
  }

  end(): void {
    this.#console?.close();
    this.#console = undefined;
    this.#ended.open();
  }

  /** No run will come: the container is gone. */
  abandon(): void {
    this.end();
    this.#next.open(undefined);
  }

  /** The console of the next run; undefined when there will be none or the client leaves. */
  async nextRun(signal: AbortSignal): Promise<ContainerConsole | undefined> {
    const aborted = whenAborted(signal);
    try {
      return await Promise.race([this.#next.promise, aborted.promise.then(() => undefined)]);
    } finally {
      aborted.release();
    }
  }
}
