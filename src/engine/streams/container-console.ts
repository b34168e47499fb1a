import type { OutputChunk } from '#domain/log/record.ts';
import type { RuntimeConsole } from '#engine/ports/container-runtime.ts';
import { Gate } from '#lib/gate.ts';
import { advance, hasReached, START } from './output-position.ts';
import type { OutputPosition } from './output-position.ts';
import { Subscriber } from './subscriber.ts';

export type ConsoleOptions = {
  readonly hasLog: boolean;
  /** See `LogStore.hold`. */
  readonly hold: () => () => void;
  /** Of a container found running: how much was written before this daemon listened. undefined = from its first byte. */
  readonly writtenBefore?: Promise<OutputPosition>;
  /** Told of every chunk's size. */
  readonly onGrowth?: (bytes: number) => void;
};

/**
 * The daemon's one connection to a running container's stdio, handed on to any number of clients. Where there is a log it
 * is always drained: a client that does not read costs its own queue, never the container. Where there is none the
 * container waits for the slowest client that is there, as long as it lives: what is not kept cannot be shown later.
 */
export class ContainerConsole {
  readonly #runtime: RuntimeConsole;
  readonly #options: ConsoleOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #drained = new Gate();
  /** The process has ended: what it has left no longer waits for anybody. */
  #isOver = false;
  #wake: (() => void) | undefined;
  #position: OutputPosition = START;
  /** Resolves when positions count from the process's first byte. */
  readonly placed: Promise<void>;

  constructor(runtime: RuntimeConsole, options: ConsoleOptions) {
    this.#runtime = runtime;
    this.#options = options;
    this.placed = this.#place();
    void this.#pump();
  }

  /** Resolves when the process's output has come to its end. Never rejects. */
  get drained(): Promise<void> {
    return this.#drained.wait();
  }

  /** Live from here on. */
  subscribe(): Subscriber {
    return this.#add(this.#position, false);
  }

  /** From the process's first byte that is still stored. */
  subscribeFromStart(): Subscriber {
    return this.#add(START, this.#options.hasLog);
  }

  /**
   * Lets a subscriber that read the log up to `position` go live; says how much of the coming live bytes it
   * has seen there. undefined: the log has more by now.
   */
  rejoin(subscriber: Subscriber, position: OutputPosition): OutputPosition | undefined {
    // What is live was stored before. After a restart the count may be a packet too high: the log is right.
    if (this.#options.writtenBefore !== undefined) this.#position = lower(this.#position, position);
    if (!hasReached(position, this.#position)) return undefined;
    subscriber.rejoin(this.#position);
    return {
      stdout: position.stdout - this.#position.stdout,
      stderr: position.stderr - this.#position.stderr,
    };
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    subscriber.letGo();
    this.#wake?.();
  }

  /** The process has ended: its clients get what is left, at their own pace. */
  over(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#runtime.write(bytes);
  }

  async closeInput(): Promise<void> {
    await this.#runtime.closeInput();
  }

  /** Ends all subscribers, which still get what is queued, and lets the connection go. */
  close(): void {
    for (const subscriber of this.#subscribers) subscriber.end();
    this.#subscribers.clear();
    this.over();
    this.#runtime.close();
  }

  #add(position: OutputPosition, lagging: boolean): Subscriber {
    const { hasLog, hold } = this.#options;
    const subscriber = new Subscriber(position, { lagging, hasLog, hold, onTaken: () => this.#wake?.() });
    this.#subscribers.add(subscriber);
    return subscriber;
  }

  async #place(): Promise<void> {
    const before = await this.#options.writtenBefore;
    if (before === undefined) return;
    this.#position = {
      stdout: this.#position.stdout + before.stdout,
      stderr: this.#position.stderr + before.stderr,
    };
  }

  async #pump(): Promise<void> {
    try {
      for await (const chunk of this.#runtime.output) {
        this.#hand(chunk);
        while (this.#mustWait) await this.#change();
      }
    } catch {
      // The monitor is gone: what it logged is all there is, and the exit is reported elsewhere.
    } finally {
      this.#drained.open();
    }
  }

  get #mustWait(): boolean {
    if (this.#isOver || this.#options.hasLog) return false;
    for (const subscriber of this.#subscribers) if (subscriber.isFull) return true;
    return false;
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }

  #hand(chunk: OutputChunk): void {
    this.#position = advance(this.#position, chunk.stream, chunk.bytes.length);
    for (const subscriber of this.#subscribers) subscriber.offer(chunk);
    this.#options.onGrowth?.(chunk.bytes.length);
  }
}

const lower = (a: OutputPosition, b: OutputPosition): OutputPosition => ({
  stdout: Math.min(a.stdout, b.stdout),
  stderr: Math.min(a.stderr, b.stderr),
});
