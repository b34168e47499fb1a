import type { Container } from '#domain/container/container.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import type { OutputChunk } from '#domain/log/record.ts';
import { NEVER } from '#domain/value/instant.ts';
import type { Attachment, AttachOptions } from '#engine/engine.ts';
import type { LogStore } from '#engine/ports/log-store.ts';
import { untilAborted } from '#lib/gate.ts';
import type { ContainerConsole } from './container-console.ts';
import { followOutput } from './follow-output.ts';
import { START } from './output-position.ts';
import type { Stdio } from './stdio.ts';
import { StoredOutput } from './stored-output.ts';
import type { Subscriber } from './subscriber.ts';

export type AttachmentParts = {
  readonly container: Container;
  readonly stdio: Stdio;
  readonly logs: LogStore;
  readonly options: AttachOptions;
  readonly onDetach: () => void;
  /** So many bytes of input could not be kept. */
  readonly onInputLost: (bytes: number) => void;
};

/** One client's tie to a container's stdio. The tie to a run that is on is made at once, before any await. */
export class ContainerAttachment implements Attachment {
  readonly tty: boolean;
  readonly stdinOnce: boolean;
  readonly output: AsyncIterable<OutputChunk>;
  readonly #parts: AttachmentParts;
  readonly #leaving = new AbortController();
  readonly #signal: AbortSignal;
  /** The run it is tied to. */
  #run: ContainerConsole | undefined;

  constructor(parts: AttachmentParts) {
    this.#parts = parts;
    this.tty = parts.container.config.tty;
    this.stdinOnce = parts.container.config.stdinOnce;
    this.#signal = AbortSignal.any([parts.options.signal, this.#leaving.signal]);
    const { console } = parts.stdio;
    this.#run = console;
    this.output = this.#output(
      console === undefined ? undefined : { console, subscriber: this.#tie(console, parts.options.replay) },
    );
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#takesInput) return;
    const console = await this.#running();
    // Written in any case: only the wait for it ends with the client.
    if (console !== undefined) await untilAborted(console.write(bytes), this.#signal);
    else if (this.#isYetToRun && !this.#parts.stdio.keepInput(bytes)) this.#parts.onInputLost(bytes.length);
  }

  async closeInput(): Promise<void> {
    if (!this.#takesInput) return;
    // docker-semantics.md 10.2: input that may come again, or a terminal, means that this client leaves.
    if (this.tty || !this.stdinOnce) this.#leaving.abort();
    else {
      const console = await this.#running();
      if (console !== undefined) await untilAborted(console.closeInput(), this.#signal);
      else if (this.#isYetToRun) this.#parts.stdio.keepInputEnd();
    }
  }

  detach(): void {
    if (this.#signal.aborted) return;
    this.#leaving.abort();
    this.#parts.onDetach();
  }

  get #takesInput(): boolean {
    return this.#parts.options.stdin && this.#parts.container.config.openStdin;
  }

  get #isYetToRun(): boolean {
    return this.#run === undefined;
  }

  /** Ends with the attachment, whether its output is being read or not: a container may wait for its readers. */
  #tie(console: ContainerConsole, fromStart: boolean): Subscriber {
    const subscriber = fromStart ? console.subscribeFromStart() : console.subscribe();
    const leave = (): void => console.unsubscribe(subscriber);
    if (this.#signal.aborted) leave();
    else this.#signal.addEventListener('abort', leave, { once: true });
    return subscriber;
  }

  /** Input that comes after its run's end is not meant for the run after it. */
  async #running(): Promise<ContainerConsole | undefined> {
    const { stdio } = this.#parts;
    if (this.#run === undefined && !this.#signal.aborted)
      this.#run = stdio.console ?? (await stdio.nextRun(this.#signal));
    return this.#run === stdio.console ? this.#run : undefined;
  }

  async *#output(
    run: { console: ContainerConsole; subscriber: Subscriber } | undefined,
  ): AsyncGenerator<OutputChunk> {
    const { options, container, logs } = this.#parts;
    const stored = new StoredOutput(container.id, logs);
    if (!options.live || run === undefined) {
      if (run !== undefined) run.console.unsubscribe(run.subscriber);
      if (options.replay) yield* this.#chosen(stored.read(START, this.#signal));
      if (!options.live || (options.endsWithRun === true && isOver(container))) return;
    }
    const current = run ?? (await this.#join());
    if (current !== undefined)
      yield* this.#chosen(followOutput({ ...current, stored, signal: this.#signal }));
  }

  /** The next run from its first byte: the console begins before the process does. */
  async #join(): Promise<{ console: ContainerConsole; subscriber: Subscriber } | undefined> {
    const console = await this.#parts.stdio.nextRun(this.#signal);
    if (console === undefined) return undefined;
    this.#run = console;
    return { console, subscriber: this.#tie(console, false) };
  }

  async *#chosen(source: AsyncIterable<OutputChunk>): AsyncGenerator<OutputChunk> {
    const { stdout, stderr } = this.#parts.options;
    for await (const chunk of source) if (chunk.stream === 'stdout' ? stdout : stderr) yield chunk;
  }
}

const isOver = ({ state }: Container): boolean => state.startedAt !== NEVER && !isLive(state.status);
