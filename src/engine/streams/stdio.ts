import { Gate } from '#lib/gate.ts';
import type { ContainerConsole } from './container-console.ts';

/** A container's stdio over its runs: at most one console at a time, and those who wait for the next. */
export class Stdio {
  #console: ContainerConsole | undefined;
  #next = new Gate<ContainerConsole | undefined>();
  #ended = new AbortController();

  get console(): ContainerConsole | undefined {
    return this.#console;
  }

  /** Aborts when the run that is on has ended; aborted when there is none. */
  get ended(): AbortSignal {
    return this.#console === undefined ? AbortSignal.abort() : this.#ended.signal;
  }

  begin(console: ContainerConsole): void {
    this.#console = console;
    this.#ended = new AbortController();
    const waiting = this.#next;
    this.#next = new Gate();
    waiting.open(console);
  }

  end(): void {
    this.#console?.close();
    this.#console = undefined;
    this.#ended.abort();
  }

  /** No run will come: the container is gone. */
  abandon(): void {
    this.end();
    this.#next.open(undefined);
  }

  /** The console of the next run; undefined when there will be none or the client leaves. */
  nextRun(signal: AbortSignal): Promise<ContainerConsole | undefined> {
    return this.#next.wait(signal);
  }
}
