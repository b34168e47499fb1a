import type { ContainerId } from '#domain/value/flavor.ts';

/** Which containers are probed: one watch each, so that probes never pile up. */
export class ProbeTable {
  readonly #watches = new Map<ContainerId, AbortController>();

  /** A new watch in place of an earlier one, and the signal that ends it. */
  begin(id: ContainerId): AbortSignal {
    this.end(id);
    const watch = new AbortController();
    this.#watches.set(id, watch);
    return watch.signal;
  }

  /** The probe under way is killed. */
  end(id: ContainerId): void {
    this.#watches.get(id)?.abort();
    this.#watches.delete(id);
  }
}
