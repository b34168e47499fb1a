import { becomeSubreaper, peekEndedChild, reapChild } from '#adapters/libc/process.ts';
import { readProcessStat } from './process-identity.ts';

/**
 * Reaps our children, each by its number: libuv reaps its own the same way, so neither takes the
 * other's. A child that someone else reaped counts as ended with 255. What a child leaves behind (crun does,
 * when an exec fails) comes to us too and is told by its process group.
 */
export class Children {
  readonly #waiting = new Map<number, (status: number) => void>();
  readonly #reap = (): void => {
    for (const [pid, resolve] of this.#waiting) {
      const status = reapChild(pid);
      if (status === undefined) continue;
      this.#waiting.delete(pid);
      resolve(status === 'gone' ? 255 : status);
    }
    for (let pid = peekEndedChild(); pid !== undefined && isOrphan(pid); pid = peekEndedChild()) reapChild(pid);
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
  }
}

/**
 * Whether an ended child of ours was someone else's first. What is started here, by us or by libuv, is in
 * our process group or leads one of its own.
 */
const isOrphan = (pid: number): boolean => {
  const own = readProcessStat(process.pid);
  const stat = readProcessStat(pid);
  return stat !== undefined && own !== undefined && stat.group !== pid && stat.group !== own.group;
};
