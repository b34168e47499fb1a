import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, signalIdentity } from '#adapters/oci-cli/process/process-identity.ts';
import type { Tracked } from '#adapters/oci-cli/record.ts';

const KILL = 9;
const PATIENCE_MS = 10_000;
const STEP_MS = 2;

/**
 * Monitors of containers that have ended. A monitor tells the exit code first and tidies up then: it removes the attach
 * socket by its path, which is also that of the container's next run. So the next monitor waits for it.
 */
export class LeavingMonitors {
  readonly #ends = new Map<string, Promise<void>>();

  /** The container's files are gone, its monitor perhaps not yet. */
  note({ record: { id, monitor }, monitorEnd }: Tracked): void {
    if (monitor === undefined || !isAlive(monitor)) return;
    const end = (monitorEnd ?? pollEnd(monitor)).then(() => {
      if (this.#ends.get(id) === end) this.#ends.delete(id);
    });
    this.#ends.set(id, end);
  }

  /** Resolves when the monitor of the container's last run is no more. */
  async gone(id: string): Promise<void> {
    await this.#ends.get(id);
  }
}

/** One that an earlier daemon started is nobody's child here. */
const pollEnd = async (monitor: Parameters<typeof isAlive>[0]): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  while (isAlive(monitor)) {
    if (performance.now() > deadline) signalIdentity(monitor, KILL);
    await pause(STEP_MS);
  }
};
