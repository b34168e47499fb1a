import type { ExecConfig } from '#domain/exec/exec.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ContainerId, ExecId } from '#domain/value/flavor.ts';
import { randomLetters } from '#api/hyper/random-words.ts';
import type { Engine } from '#engine/engine.ts';

/** A command as hyperd's clients know it: by an id of their form or a tag of their own. */
export type Entry = {
  readonly id: string;
  readonly containerId: ContainerId;
  readonly config: ExecConfig;
  /** Resolves when it has begun, with the engine's id. */
  readonly begun: PromiseWithResolvers<ExecId>;
  /** Resolves when it has ended, with its code. */
  readonly exit: PromiseWithResolvers<number>;
  isTaken: boolean;
};

/** Ids stay known after the end (hyperd-api 2.4), but not for ever. */
const KEPT = 4096;

/** The engine's execs need a running container and end with it; those of hyperd are made before it runs and outlive it. */
export class ExecBook {
  readonly #entries = new Map<string, Entry>();

  /** '' = an id of its own. */
  add(id: string, containerId: ContainerId, config: ExecConfig): Entry {
    const entry = {
      id: id === '' ? `exec-${randomLetters()}` : id,
      containerId,
      config,
      begun: Promise.withResolvers<ExecId>(),
      exit: Promise.withResolvers<number>(),
      isTaken: false,
    };
    // Nobody may ask.
    entry.begun.promise.catch(() => undefined);
    this.#entries.delete(entry.id);
    this.#entries.set(entry.id, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > KEPT && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Throws `not-found` code `exec.not-found` {id}. */
  get(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    throw new EngineError('not-found', 'exec.not-found', `no such exec: ${id}`, { params: { id } });
  }
}

const PATIENCE_MS = 10_000;

/** What becomes of an exec, waited for as long as hyperd does. Throws `timed-out` code `code` {id}. */
export const inTime = async <T>(id: string, promise: Promise<T>, code: string, words: string): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const refuse = (): void =>
    late.reject(new EngineError('timed-out', code, `exec ${id} ${words}`, { params: { id } }));
  const timer = setTimeout(refuse, PATIENCE_MS);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
};

const books = new WeakMap<Engine, ExecBook>();

/** One book for each engine: execs live as long as the daemon. */
export const execBookOf = (engine: Engine): ExecBook => {
  const book = books.get(engine) ?? new ExecBook();
  books.set(engine, book);
  return book;
};
