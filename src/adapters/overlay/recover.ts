import { readdirSync, realpathSync, unlinkSync, existsSync, lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readMounts, unmountFlags, unmountIfMounted } from '#adapters/libc/mounts.ts';
import { makeLayerLink } from './layer-links.ts';
import { detachRoot, LAYERS_LINK, removeMountPoint } from './root-tasks.ts';

import type { OverlayFolders } from './folders.ts';

/**
 * Puts the folders right after a crash: half-made layers and roots, links, mounts without a root. Mounted
 * roots stay as they are. Answers what is left to delete.
 */
export const recoverFolders = (folders: OverlayFolders): string[] => {
  recoverLinks(folders);
  removeStaleMounts(folders);
  return [
    ...inFolder(folders.layers).filter((path) => basename(path).startsWith('.')),
    ...inFolder(folders.roots).filter((path) => !isLink(join(path, LAYERS_LINK))),
    ...inFolder(folders.trash),
  ];
};

const inFolder = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));

const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

const recoverLinks = ({ layers, links }: OverlayFolders): void => {
  for (const name of readdirSync(links)) if (!existsSync(join(links, name))) unlinkSync(join(links, name));
  for (const hex of readdirSync(layers)) if (!hex.startsWith('.')) makeLayerLink(links, join(layers, hex));
};

const removeStaleMounts = ({ mounts, roots }: OverlayFolders): void => {
  const known = new Set(readdirSync(roots));
  for (const id of readdirSync(mounts)) {
    const merged = join(mounts, id);
    if (!known.has(id)) detachRoot({ merged });
    else if (!isMounted(merged)) removeMountPoint(merged);
  }
};

const isMounted = (path: string): boolean => {
  const target = realpathSync(path);
  return readMounts().some(({ mountPoint }) => mountPoint === target);
};

/** Lets go of the shared mount at `mounts` unless roots are mounted below it. True if it is gone. */
export const releaseMounts = ({ mounts }: Pick<OverlayFolders, 'mounts'>): boolean => {
  const own = realpathSync(mounts);
  if (readMounts().some(({ mountPoint }) => mountPoint.startsWith(`${own}/`))) return false;
  return unmountIfMounted(own, unmountFlags.noFollow);
};
