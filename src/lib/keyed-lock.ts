type Mode = 'shared' | 'exclusive';

type Waiter = { readonly mode: Mode; readonly admit: () => void };

type Gate = { holders: number; exclusive: boolean; readonly queue: Waiter[] };

export type LockOptions = {
  /** Stops waiting (not the work itself): `run` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Default `exclusive`. Several `shared` holders of one key run at once. */
  readonly mode?: Mode;
};

/**
 * One lock per key, made on first use and forgotten when idle. First come, first served: a waiting
 * exclusive caller is not overtaken by later shared ones. Not re-entrant: work that asks for a key
 * it already holds waits for ever.
 */
export class KeyedLock {
  readonly #gates = new Map<string, Gate>();

  /** Runs `work` while holding the key; the key is free again when its promise settles. */
  async run<T>(key: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
    const mode = options.mode ?? 'exclusive';
    await this.#enter(key, mode, options.signal);
    try {
      return await work();
    } finally {
      this.#leave(key);
    }
  }

  /** Whether somebody holds the key now. */
  isHeld(key: string): boolean {
    return this.#gates.has(key);
  }

  async #enter(key: string, mode: Mode, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    let gate = this.#gates.get(key);
    if (gate === undefined) {
      gate = { holders: 0, exclusive: false, queue: [] };
      this.#gates.set(key, gate);
    }
    if (gate.queue.length === 0 && isOpenFor(gate, mode)) {
      take(gate, mode);
      return;
    }
    await this.#wait(gate, mode, signal);
  }

  async #wait(gate: Gate, mode: Mode, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { mode, admit: resolve };
    const giveUp = (): void => {
      const place = gate.queue.indexOf(waiter);
      if (place < 0) return;
      gate.queue.splice(place, 1);
      // The one behind may have waited only for this one's mode.
      admitNext(gate);
      reject(signal?.reason);
    };
    gate.queue.push(waiter);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  #leave(key: string): void {
    const gate = this.#gates.get(key);
    if (gate === undefined) return;
    gate.holders -= 1;
    if (gate.holders === 0) gate.exclusive = false;
    admitNext(gate);
    if (gate.holders === 0) this.#gates.delete(key);
  }
}

const isOpenFor = (gate: Gate, mode: Mode): boolean =>
  gate.holders === 0 || (mode === 'shared' && !gate.exclusive);

const take = (gate: Gate, mode: Mode): void => {
  gate.holders += 1;
  gate.exclusive = mode === 'exclusive';
};

/** Holders are counted before the waiter wakes, so nobody slips in between. */
const admitNext = (gate: Gate): void => {
  let next = gate.queue[0];
  while (next !== undefined && isOpenFor(gate, next.mode)) {
    gate.queue.shift();
    take(gate, next.mode);
    next.admit();
    next = gate.queue[0];
  }
};
