import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

/** What a module in the thread of a host is opened with. */
export type Opening = { readonly url: string; readonly data: unknown; readonly port: MessagePort };

/**
 * One thread for the calls of several modules, each opened once: a thread of its own costs 12 MB. For
 * modules whose calls are short, and that leave the thread's namespaces or root in synchronous calls only.
 */
export class ThreadHost {
  readonly #worker = new Worker(new URL('./host-thread.ts', import.meta.url));
  readonly #ports = new Set<MessagePort>();
  /** Why the thread ended, if it failed. */
  cause: unknown;

  constructor() {
    this.#worker.on('error', (error) => {
      this.cause = error;
    });
    this.#worker.on('exit', () => {
      for (const port of this.#ports) port.close();
    });
    this.#worker.unref();
  }

  /** The line to the module at `url`, which must call `serveCalls`; closed when the thread ends. */
  open(url: URL, data: unknown): MessagePort {
    const { port1: ours, port2: port } = new MessageChannel();
    this.#ports.add(ours);
    ours.on('close', () => this.#ports.delete(ours));
    this.#worker.postMessage({ url: url.href, data, port } satisfies Opening, [port]);
    return ours;
  }

  /** Ends the thread; calls under way fail. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
