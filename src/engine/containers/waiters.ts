import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { WaitCondition, WaitResult } from '#engine/engine.ts';

type Waiter = { readonly condition: WaitCondition; readonly resolve: (result: WaitResult) => void };

/** Who waits for the end of which container. */
export class Waiters {
  readonly #waiting = new Map<ContainerId, Set<Waiter>>();

  /** Registered when the call returns. Aborting unregisters and rejects `cancelled`. */
  register(id: ContainerId, condition: WaitCondition, signal?: AbortSignal): Promise<WaitResult> {
    const { promise, resolve, reject } = Promise.withResolvers<WaitResult>();
    if (signal?.aborted === true) {
      reject(engineError('wait.cancelled', { id }));
      return promise;
    }
    const leave = (): void => {
      this.#drop(id, waiter);
      reject(engineError('wait.cancelled', { id }, signal?.reason));
    };
    const waiter: Waiter = {
      condition,
      resolve: (result) => {
        signal?.removeEventListener('abort', leave);
        this.#drop(id, waiter);
        resolve(result);
      },
    };
    signal?.addEventListener('abort', leave, { once: true });
    const others = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, others.add(waiter));
    return promise;
  }

  /** A run ended: everybody but those who wait for the removal. */
  ended(id: ContainerId, result: WaitResult): void {
    this.#release(id, result, ({ condition }) => condition !== 'removed');
  }

  /** The container is gone: everybody. */
  removed(id: ContainerId, result: WaitResult): void {
    this.#release(id, result, () => true);
  }

  /** The removal failed: those who wait for it hear why. */
  removalFailed(id: ContainerId, result: WaitResult): void {
    this.#release(id, result, ({ condition }) => condition === 'removed');
  }

  #release(id: ContainerId, result: WaitResult, isMeant: (waiter: Waiter) => boolean): void {
    for (const waiter of [...(this.#waiting.get(id) ?? [])].filter(isMeant)) waiter.resolve(result);
  }

  #drop(id: ContainerId, waiter: Waiter): void {
    const others = this.#waiting.get(id);
    others?.delete(waiter);
    if (others?.size === 0) this.#waiting.delete(id);
  }
}
