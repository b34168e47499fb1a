/**
 * What transfers hold (blobs, layers, image ids), by key and counted, so that removal of an image
 * never takes away what a pull has just found to be there.
 */
export class Leases {
  readonly #counts = new Map<string, number>();
  readonly #removals = new Map<string, Promise<void>>();

  /**
   * Holds keys until disposed. From the call on no removal of them begins; it resolves when those
   * that had begun are over: look whether the thing exists only then.
   */
  async hold(keys: Iterable<string>): Promise<Disposable> {
    const held = [...keys];
    for (const key of held) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    await Promise.all(held.flatMap((key) => this.#removals.get(key) ?? []));
    return { [Symbol.dispose]: () => this.#release(held) };
  }

  /** Holds keys while the work runs. */
  async during<T>(keys: Iterable<string>, work: () => Promise<T>): Promise<T> {
    const lease = await this.hold(keys);
    try {
      return await work();
    } finally {
      lease[Symbol.dispose]();
    }
  }

  isHeld(key: string): boolean {
    return this.#counts.has(key);
  }

  /** Removes a thing unless it is held or being removed; answers whether it was removed here. */
  async removeUnlessHeld(key: string, remove: () => Promise<void>): Promise<boolean> {
    if (this.isHeld(key) || this.#removals.has(key)) return false;
    const removal = remove();
    // Holders wait for the end only; the failure is the remover's.
    const settled = removal.catch(() => undefined);
    this.#removals.set(key, settled);
    try {
      await removal;
      return true;
    } finally {
      this.#removals.delete(key);
    }
  }

  #release(keys: string[]): void {
    for (const key of keys.splice(0)) {
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }
}

export const blobKey = (digest: string): string => `blob ${digest}`;
export const layerKey = (chainId: string): string => `layer ${chainId}`;
export const imageKey = (imageId: string): string => `image ${imageId}`;
