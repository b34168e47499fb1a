import { mkdirSync, readdirSync, readFileSync, realpathSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSharedMount, mount, mountFlags, readMounts, unmount } from '#adapters/libc/mounts.ts';

/** statfs(2) types of file systems that live in memory: tmpfs, ramfs. */
const memoryTypes: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** Names the file system in /proc/mounts. */
const memorySource = 'gantry';

/**
 * Makes the exec root a shared mount in memory, whatever `/run` is here: each life of a container writes some
 * ten small files there (half of its time on a disk), and after a reboot nothing of it may be believed.
 * Files that lie in it already are kept. Idempotent.
 */
export const makeMemoryRoot = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  if (!memoryTypes.has(statfsSync(path).type)) {
    const files = readFiles(path);
    const flags = mountFlags.noSuid | mountFlags.noDev;
    mount({ source: memorySource, target: path, type: 'tmpfs', flags, data: 'mode=711' });
    for (const [name, bytes] of files) writeFileSync(join(path, name), bytes);
  }
  makeSharedMount(path);
};

/**
 * Takes away what `makeMemoryRoot` mounted, files and all, and tells whether it did. A mount that somebody else made
 * stays. Throws SystemCallError EBUSY while anything below is in use.
 */
export const leaveMemoryRoot = (path: string): boolean => {
  const target = realpathSync(path);
  const found = readMounts().findLast(({ mountPoint }) => mountPoint === target);
  if (found === undefined) return false;
  const isOurs = (found.type === 'tmpfs' && found.source === memorySource) || found.root !== '/';
  if (isOurs) unmount(target);
  return isOurs;
};

const readFiles = (path: string): [string, Buffer][] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [name, readFileSync(join(path, name))]);
