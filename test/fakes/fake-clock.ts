import type { Clock } from '#engine/ports/clock.ts';

type Sleeper = { readonly at: number; readonly wake: () => void };

/** Time that passes only when told to. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  #elapsed = 0;
  #sleepers: Sleeper[] = [];

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** Somebody sets the wall clock; nothing that waits notices. */
  set(now: number): void {
    this.#now = now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { at: this.#elapsed + ms, wake: resolve };
    this.#sleepers.push(sleeper);
    signal?.addEventListener('abort', () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      reject(signal.reason);
    });
    await promise;
  }

  /** Milliseconds until each sleeper wakes, soonest first. */
  get pending(): number[] {
    return this.#sleepers.map(({ at }) => at - this.#elapsed).toSorted((a, b) => a - b);
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#elapsed);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#elapsed);
    for (const { wake } of due) wake();
  }
}
