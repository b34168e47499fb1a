import type { ExecConfig } from '#domain/exec/exec.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ContainerId, ExecId } from '#domain/value/flavor.ts';
import { randomLetters } from '#api/hyper/random-words.ts';
import type { Engine } from '#engine/engine.ts';
import { Gate } from '#lib/gate.ts';

/** A command as hyperd's clients know it: by an id of their form or a tag of their own. */
export type Entry = {
  readonly id: string;
  readonly containerId: ContainerId;
  readonly config: ExecConfig;
  /** Opened when it has begun, with the engine's id, or with why it could not. */
  readonly begun: Gate<ExecId | EngineError>;
  /** Opened when it has ended, with its code. */
  readonly exit: Gate<number | EngineError>;
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
      begun: new Gate<ExecId | EngineError>(),
      exit: new Gate<number | EngineError>(),
      isTaken: false,
    };
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

/** What becomes of an exec, waited for as long as hyperd does. Throws `timed-out` code `code` {id}, and why it did not run. */
export const inTime = async <T>(
  id: string,
  gate: Gate<T | EngineError>,
  { code, words }: { readonly code: string; readonly words: string },
): Promise<T> => {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE_MS);
  const value = await gate.wait(late.signal).finally(() => clearTimeout(timer));
  if (value === undefined)
    throw new EngineError('timed-out', code, `exec ${id} ${words}`, { params: { id } });
  if (value instanceof EngineError) throw value;
  return value;
};

const books = new WeakMap<Engine, ExecBook>();

/** One book for each engine: execs live as long as the daemon. */
export const execBookOf = (engine: Engine): ExecBook => {
  const book = books.get(engine) ?? new ExecBook();
  books.set(engine, book);
  return book;
};
