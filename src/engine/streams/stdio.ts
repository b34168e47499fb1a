import { Gate } from '#lib/gate.ts';
import type { ContainerConsole } from './container-console.ts';

/** What may be kept of clients that have gone; one message alone may be larger. */
const KEPT_BYTES = 1024 * 1024;

/** A container's stdio over its runs: at most one console at a time, and those who wait for the next. */
export class Stdio {
  /** Input of clients that left before the run that is to get it, in order. */
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #isInputOver = false;
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
    this.#handOver(console);
    const waiting = this.#next;
    this.#next = new Gate();
    waiting.open(console);
  }

  end(): void {
    this.#console?.close();
    this.#console = undefined;
    this.#ended.abort();
  }

  /** For the run that is on, or the next; never waits. False: too much is kept already. */
  keepInput(bytes: Uint8Array): boolean {
    if (this.#keptBytes > 0 && this.#keptBytes + bytes.length > KEPT_BYTES) return false;
    this.#keptBytes += bytes.length;
    if (this.#console === undefined) this.#kept.push(bytes);
    else this.#write(this.#console, bytes);
    return true;
  }

  /** The input that is kept was all. */
  keepInputEnd(): void {
    if (this.#console === undefined) this.#isInputOver = true;
    else void this.#console.closeInput();
  }

  #handOver(console: ContainerConsole): void {
    for (const bytes of this.#kept) this.#write(console, bytes);
    if (this.#isInputOver) void console.closeInput();
    this.#kept = [];
    this.#isInputOver = false;
  }

  #write(console: ContainerConsole, bytes: Uint8Array): void {
    void console.write(bytes).finally(() => (this.#keptBytes -= bytes.length));
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
