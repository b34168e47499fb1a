import { readFileSync } from 'node:fs';
import { becomeSubreaper, peekEndedChild, reapChild } from '#adapters/libc/process.ts';
import { readProcessStat } from './process-identity.ts';

/** Who asks for a pid when its parent has ended does so within one turn of the loop. */
const orphanDelayMs = 20;

/**
 * Reaps our children, each by its number: libuv reaps its own the same way, so neither takes the
 * other's. A child that someone else reaped counts as ended with 255.
 *
 * We are also the subreaper of what our children leave behind (crun does, when an exec fails): a pid
 * namespace ends only after its last zombie is reaped, and whoever is process 1 may be slow at it.
 */
export class Children {
  readonly #waiting = new Map<number, (status: number) => void>();
  #orphanTimer: NodeJS.Timeout | undefined;
  /** An ended child that nobody had asked for at the last look. */
  #suspect: number | undefined;
  readonly #reap = (): void => {
    for (const [pid, resolve] of this.#waiting) {
      const status = reapChild(pid);
      if (status === undefined) continue;
      this.#waiting.delete(pid);
      resolve(status === 'gone' ? 255 : status);
    }
    this.#lookForOrphans();
  };

  constructor() {
    becomeSubreaper();
    process.on('SIGCHLD', this.#reap);
  }

  wait(pid: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.set(pid, resolve);
    // It may have ended before we knew its number.
    this.#reap();
    return promise;
  }

  /** Stops watching: open waits stay open. */
  close(): void {
    process.off('SIGCHLD', this.#reap);
    clearTimeout(this.#orphanTimer);
  }

  #lookForOrphans(): void {
    this.#orphanTimer ??= setTimeout(() => {
      this.#orphanTimer = undefined;
      this.#reapOrphan();
    }, orphanDelayMs).unref();
  }

  /** Reaps at the second look: at the first, the signal of its parent's end may still be on its way to us. */
  #reapOrphan(): void {
    const pid = peekEndedChild();
    if (pid === undefined || this.#waiting.has(pid) || !isOrphan(pid)) {
      this.#suspect = undefined;
      return;
    }
    if (pid === this.#suspect) reapChild(pid);
    this.#suspect = pid;
    this.#lookForOrphans();
  }
}

/**
 * Whether an ended child of ours was someone else's first. What is started here, by us or by libuv, is in
 * our pid namespace, and in our process group or at the head of one of its own.
 */
const isOrphan = (pid: number): boolean => {
  if (namespaceDepth(pid) > namespaceDepth(process.pid)) return true;
  const own = readProcessStat(process.pid);
  const stat = readProcessStat(pid);
  return stat !== undefined && own !== undefined && stat.group !== pid && stat.group !== own.group;
};

/** How many pid namespaces a process is in, ours counted as one. */
const namespaceDepth = (pid: number): number => {
  try {
    return (
      /^NSpid:(.*)$/m
        .exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        ?.trim()
        .split(/\s+/).length ?? 0
    );
  } catch {
    // Reaped by someone else meanwhile.
    return 0;
  }
};
