import { execFileSync } from 'node:child_process';
import { cloneFlags, unshare } from '#adapters/libc/namespaces.ts';

/**
 * Leaves the machine's network for good: this process and whatever it starts stand in an empty one, where a
 * test may do to rules and settings what would hurt others. Called before any thread or socket is made.
 */
export const enterOwnNetwork = (): void => {
  unshare(cloneFlags.network);
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
};
