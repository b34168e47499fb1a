import { closeSync, openSync, readFileSync } from 'node:fs';
import {
  mount,
  mountFlags,
  parseMountInfo,
  readMounts,
  unmount,
  unmountFlags,
} from '#adapters/libc/mounts.ts';
import type { MountInfo } from '#adapters/libc/mounts.ts';
import { cloneFlags, ownNamespace, setNamespace, unshare } from '#adapters/libc/namespaces.ts';

export type PrivateMountsOptions = {
  /** Mounts below it are shared with the machine, so they are never missing here. */
  readonly execRoot: string;
  /** Mount points the runtime must not see. */
  readonly hidden: readonly string[];
  /** Programs that are mounted read-only on themselves. */
  readonly readOnly: readonly string[];
};

/**
 * The mount namespace of one thread: the machine's, less what the runtime trips over. crun refuses to
 * create while it sees a version 2 hierarchy beside version 1, and copies itself into memory at each
 * start unless its file lies on a read-only mount. The first is needed, the second saves a millisecond.
 */
export class PrivateMounts {
  readonly #options: PrivateMountsOptions;
  readonly #home: number;

  constructor(options: PrivateMountsOptions) {
    this.#options = options;
    this.#home = openSync(ownNamespace('mnt'), 'r');
    this.#enter();
  }

  /**
   * Makes sure that `sources` look here as they do on the machine. Where `/` is not a shared mount, what
   * was mounted after `enter` is missing: then a new namespace is made. Processes keep the old one.
   */
  refresh(sources: readonly string[]): void {
    if (sources.length === 0) return;
    const machine = parseMountInfo(readFileSync(`/proc/${process.pid}/mountinfo`, 'utf8'));
    if (describe(this.#relevant(machine, sources)) === describe(this.#relevant(readMounts(), sources)))
      return;
    setNamespace(this.#home, cloneFlags.mount);
    this.#enter();
  }

  close(): void {
    closeSync(this.#home);
  }

  #enter(): void {
    unshare(cloneFlags.mount);
    // Slave: what the machine unmounts goes away here too; nothing done here shows outside.
    mount({ source: '', target: '/', flags: mountFlags.recursive | mountFlags.slave });
    for (const path of this.#options.hidden) unmount(path, unmountFlags.detach);
    for (const path of this.#options.readOnly) {
      mount({ source: path, target: path, flags: mountFlags.bind });
      mount({ source: '', target: path, flags: mountFlags.bind | mountFlags.remount | mountFlags.readOnly });
    }
  }

  #relevant(mounts: readonly MountInfo[], sources: readonly string[]): MountInfo[] {
    const { execRoot, hidden, readOnly } = this.#options;
    return mounts.filter(
      ({ mountPoint }) =>
        !isWithin(mountPoint, execRoot) &&
        ![...hidden, ...readOnly].includes(mountPoint) &&
        sources.some((source) => isWithin(source, mountPoint) || isWithin(mountPoint, source)),
    );
  }
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

const describe = (mounts: readonly MountInfo[]): string =>
  mounts.map(({ mountPoint, root, type, source }) => `${mountPoint} ${root} ${type} ${source}`).join('\n');
