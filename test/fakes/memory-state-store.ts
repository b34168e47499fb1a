import type { Collection, StateStore } from '#engine/ports/state-store.ts';

/** The engine's records without a disk. Passes the state store's contract except for what outlives a process. */
export class MemoryStateStore implements StateStore {
  readonly #all: MemoryCollection<unknown>[] = [];
  readonly containers: StateStore['containers'] = this.#collection(({ id }) => id);
  readonly images: StateStore['images'] = this.#collection(({ id }) => id);
  readonly references: StateStore['references'] = this.#collection(({ name }) => name);
  readonly networks: StateStore['networks'] = this.#collection(({ id }) => id);
  readonly volumes: StateStore['volumes'] = this.#collection(({ name }) => name);
  readonly pods: StateStore['pods'] = this.#collection(({ id }) => id);
  readonly sandboxes: StateStore['sandboxes'] = this.#collection(({ id }) => id);
  readonly #settings = new Map<string, string>();
  readonly settings: StateStore['settings'] = {
    get: (key) => this.#settings.get(key),
    set: (key, value) => void this.#settings.set(key, value),
  };

  transaction<T>(work: () => T): T {
    const before = this.#all.map((collection) => collection.entries());
    try {
      return work();
    } catch (error) {
      for (const [index, collection] of this.#all.entries()) collection.reset(before[index] ?? []);
      throw error;
    }
  }

  close(): void {}

  #collection<T>(keyOf: (value: T) => string): Collection<T> {
    const collection = new MemoryCollection<T>(keyOf);
    this.#all.push(collection as MemoryCollection<unknown>);
    return collection;
  }
}

class MemoryCollection<T> implements Collection<T> {
  readonly #keyOf: (value: T) => string;
  readonly #values = new Map<string, T>();

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  put(value: T): void {
    this.#values.set(this.#keyOf(value), structuredClone(value));
  }

  remove(key: string): void {
    this.#values.delete(key);
  }

  list(): T[] {
    return [...this.#values.values()];
  }

  entries(): [string, T][] {
    return [...this.#values];
  }

  reset(entries: readonly (readonly [string, T])[]): void {
    this.#values.clear();
    for (const [key, value] of entries) this.#values.set(key, value);
  }
}
