import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cloneFlags, unshare } from '#adapters/libc/namespaces.ts';

/**
 * Puts files of a test in the place of the host's. This thread, and whatever is started from it, sees them; the rest
 * of the machine does not. Calls that Node makes in its pool (`node:fs/promises`) see the host's.
 */
export class OwnFiles implements Disposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'gantry-files-'));

  constructor() {
    unshare(cloneFlags.mount);
    execFileSync('mount', ['--make-rprivate', '/']);
  }

  /** The file at `target`, which must be there, says this from now on. */
  cover(target: string, text: string): void {
    const own = path.join(this.#folder, target.replaceAll('/', '_'));
    writeFileSync(own, text);
    execFileSync('mount', ['--bind', own, target]);
  }

  /** A folder of the test's own at `target`, which must be there. */
  coverFolder(target: string): void {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', target]);
  }

  write(target: string, text: string): void {
    writeFileSync(target, text);
  }

  replace(target: string, text: string): void {
    writeFileSync(`${target}.new`, text);
    renameSync(`${target}.new`, target);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
