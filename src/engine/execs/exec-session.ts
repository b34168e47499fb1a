import type { OutputChunk } from '#domain/log/record.ts';
import type { Attachment } from '#engine/engine.ts';
import type { RuntimeExecProcess } from '#engine/ports/container-runtime.ts';
import { Gate } from '#lib/gate.ts';

export type SessionOptions = {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly signal: AbortSignal;
  /** Stores the exit code; awaited before the output ends. */
  readonly ended: Promise<void>;
};

/**
 * One client's tie to a command. A slow client slows the command alone; one that has gone leaves it
 * running, its output thrown away.
 */
export class ExecSession implements Attachment {
  readonly tty: boolean;
  readonly stdinOnce = true;
  readonly output: AsyncIterable<OutputChunk>;
  readonly #process: RuntimeExecProcess;
  readonly #options: SessionOptions;
  readonly #left = new Gate();
  readonly #chunks: AsyncIterator<OutputChunk>;

  constructor(process: RuntimeExecProcess, options: SessionOptions) {
    this.tty = options.tty;
    this.#process = process;
    this.#options = options;
    this.#chunks = process.output[Symbol.asyncIterator]();
    this.output = this.#output();
    const leave = (): void => this.#leave();
    if (options.signal.aborted) leave();
    else options.signal.addEventListener('abort', leave, { once: true });
    void options.ended.then(() => options.signal.removeEventListener('abort', leave));
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#options.stdin) await this.#process.write(bytes);
  }

  async closeInput(): Promise<void> {
    // A terminal's input does not end with the client's: its program reads on.
    if (this.#options.stdin && !this.tty) await this.#process.closeInput();
  }

  detach(): void {
    this.#leave();
  }

  #leave(): void {
    if (this.#left.isOpen) return;
    this.#left.open();
    void this.#discard();
  }

  /** The command must not stall on a pipe that nobody reads. */
  async #discard(): Promise<void> {
    if (this.#options.stdin && !this.tty) await this.#process.closeInput().catch(() => undefined);
    for (;;) {
      const step = await this.#chunks.next().catch(() => ({ done: true }) as const);
      if (step.done === true) return;
    }
  }

  async *#output(): AsyncGenerator<OutputChunk> {
    const { stdout, stderr } = this.#options;
    try {
      for (;;) {
        const step = await this.#left.race(this.#chunks.next());
        if (step === undefined) return;
        if (step.done === true) break;
        if (step.value.stream === 'stdout' ? stdout : stderr) yield step.value;
      }
      await this.#options.ended;
    } finally {
      this.#leave();
    }
  }
}
