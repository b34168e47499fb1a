import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseProcessCgroups } from '#formats/proc/cgroup-layout.ts';
import type { CgroupLayout } from '#formats/proc/cgroup-layout.ts';

/**
 * Processes move between control groups under one lock of the kernel. Its first taker after some 20 ms of rest
 * waits 5-15 ms for all processors (an RCU grace period), the next ones do not, and every new container
 * and exec is such a taker. So the wait is begun as soon as one is in sight, beside all that comes before:
 * the main thread is moved to where it is.
 */
export class MoveLock {
  readonly #file: string | undefined;
  #isTaking = false;

  constructor(layout: CgroupLayout) {
    this.#file = ownThreadsFile(layout);
  }

  /** Begins the wait. Costs 0.1 ms of CPU; a failure means that somebody waits later. */
  warm(): void {
    if (this.#file !== undefined && !this.#isTaking) void this.#take(this.#file);
  }

  async #take(file: string): Promise<void> {
    this.#isTaking = true;
    try {
      // From a thread of libuv's pool: a thread that moves itself does not take the lock.
      await writeFile(file, String(process.pid));
    } catch {
      // Refused here: the container's own move waits instead.
    } finally {
      this.#isTaking = false;
    }
  }
}

/** The file that lists the threads of our own group, in any hierarchy. */
const ownThreadsFile = (layout: CgroupLayout): string | undefined => {
  const own = parseProcessCgroups(readFileSync('/proc/self/cgroup', 'utf8'));
  const [hierarchy] = layout.hierarchies;
  const file =
    hierarchy === undefined
      ? join(layout.unifiedPath ?? '', own.get('') ?? '', 'cgroup.threads')
      : join(hierarchy.path, own.get(hierarchy.controllers.join(',')) ?? '', 'tasks');
  return existsSync(file) ? file : undefined;
};
