import { statSync } from 'node:fs';
import type { RuntimeMount } from '#formats/oci-runtime/spec.ts';

/** crun opens what is read-only all the way down as a directory. Below a file there is nothing. */
export const withReadOnlyFiles = (mounts: readonly RuntimeMount[]): RuntimeMount[] =>
  mounts.map((mount) => {
    if (!mount.options.includes('rro') || isDirectory(mount.source)) return mount;
    return { ...mount, options: mount.options.map((option) => (option === 'rro' ? 'ro' : option)) };
  });

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
