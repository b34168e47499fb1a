import type { ContainerId } from '#domain/value/flavor.ts';

/** What is remembered of a container's runs while the daemon lives; a new daemon begins anew. */
export type RunMemory = {
  /** When the run that is on began, by the clock that nobody sets; undefined = before this daemon. */
  begunAt: number | undefined;
  /** Failed runs in a row. */
  failures: number;
  /** The last wait before a restart; 0 = none yet. */
  delayMs: number;
  /** Interrupts the wait before a restart. */
  pendingRestart: AbortController | undefined;
  /** A restart by hand is between stop and start: neither policy nor auto-remove acts on the end. */
  isRestartedByHand: boolean;
};

export class RunTable {
  readonly #runs = new Map<ContainerId, RunMemory>();

  of(id: ContainerId): RunMemory {
    const known = this.#runs.get(id);
    if (known !== undefined) return known;
    const fresh: RunMemory = {
      begunAt: undefined,
      failures: 0,
      delayMs: 0,
      pendingRestart: undefined,
      isRestartedByHand: false,
    };
    this.#runs.set(id, fresh);
    return fresh;
  }

  /** A start by hand, or the end of the container: counters and waits begin anew. */
  forget(id: ContainerId): void {
    this.#runs.get(id)?.pendingRestart?.abort();
    this.#runs.delete(id);
  }
}
