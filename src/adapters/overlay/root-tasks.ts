import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import { mount, unmountFlags, unmountIfMounted } from '#adapters/libc/mounts.ts';
import { copyTree } from './copy-tree.ts';
import { layGround } from './lay-ground.ts';
import { codeOf } from './layer-error.ts';
import { notADirectory } from './root-files.ts';

import type { Ground } from '#domain/container/mounts/root-ground.ts';
import type { ThreadRoot } from '#adapters/libc/thread-root.ts';

/** System calls on a container's root folder `roots/<id>`: short ones, for the thread that answers at once. */

export type RootPlace = {
  /** `…/overlay`, the working directory for mounts: short names keep the options below 4096 bytes. */
  readonly folder: string;
  readonly id: string;
  readonly merged: string;
};

export type NewRoot = RootPlace & {
  /** From the top down, as in the mount option. */
  readonly lowers: string;
  readonly ground: readonly Ground[];
};

const options = (id: string, lowers: string): string =>
  `lowerdir=${lowers},upperdir=roots/${id}/upper,workdir=roots/${id}/work,index=off,metacopy=off,redirect_dir=off`;

/**
 * The layers stand in a link's target, `l/a:l/b` from the top down: that is metadata, in the same journal as
 * the folder, so a power cut cannot leave it empty. It is made last: a folder without it is half-made, and
 * `recover` removes it.
 */
export const createRootFolder = ({ folder, id, lowers, ground }: NewRoot): void => {
  const own = `${folder}/roots/${id}`;
  try {
    mkdirSync(own, 0o711);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new EngineError('exists', 'root.exists', `root ${id} exists`, { params: { id }, cause: error });
  }
  mkdirSync(`${own}/upper`, 0o755);
  const below = lowers === NO_LAYERS ? [] : lowers.split(':').map((link) => `${folder}/${link}/.`);
  layGround(`${own}/upper`, below, ground);
  mkdirSync(`${own}/work`, 0o755);
  symlinkSync(lowers, `${own}/${LAYERS_LINK}`);
};

/** Lower folder of a root without layers: overlayfs wants one. */
export const NO_LAYERS = 'empty';

/** The link that makes a root's folder complete. */
export const LAYERS_LINK = 'layers';

export const mountRootFolder = (root: ThreadRoot, { folder, id, merged }: RootPlace): void => {
  if (isMountPoint(merged)) return;
  const lowers = readLowers(folder, id);
  makeMountPoint(merged);
  // Mounts come from the thread's working directory, and other tasks leave it elsewhere.
  root.changeDirectory(folder);
  mount({ source: 'overlay', target: merged, type: 'overlay', data: options(id, lowers) });
};

const makeMountPoint = (path: string): void => {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
};

/** The layers of a root as `createRootFolder` wrote them. */
export const readLowers = (folder: string, id: string): string => {
  try {
    return readlinkSync(`${folder}/roots/${id}/${LAYERS_LINK}`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new EngineError('not-found', 'root.not-found', `no such root: ${id}`, {
      params: { id },
      cause: error,
    });
  }
};

/** Detaches the mount, which others may still use, and removes its place. Fine when neither is there. */
export const detachRoot = ({ merged }: Pick<RootPlace, 'merged'>): void => {
  while (unmountIfMounted(merged, unmountFlags.detach | unmountFlags.noFollow)) {
    try {
      return rmdirSync(merged);
    } catch (error) {
      // Mounted twice: the next round takes the other.
      if (codeOf(error) !== 'EBUSY') throw error;
    }
  }
  removeMountPoint(merged);
};

/** Removes an empty mount point; fine when missing. */
export const removeMountPoint = (path: string): void => {
  try {
    rmdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
};

/** Moves a root's folder out of sight; false when there was none. */
export const discardFolder = (from: string, to: string): boolean => {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
};

export const isMountPoint = (path: string): boolean => {
  const own = statSync(path, { throwIfNoEntry: false });
  return own !== undefined && own.dev !== statSync(dirname(path)).dev;
};

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/** The source is looked up inside the root; only its descriptor leaves it. */
export const copyOutOfRoot = (
  root: ThreadRoot,
  { merged, path, target }: { readonly merged: string; readonly path: string; readonly target: string },
): void => {
  const from = root.within(merged, () => openSource(path));
  try {
    const to = openSync(target, DIRECTORY);
    try {
      copyTree(from, to);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
};

const openSource = (path: string): number => {
  try {
    return openSync(path, DIRECTORY);
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') throw notADirectory(path);
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new EngineError('not-found', 'rootfs.not-found', `no such path: ${path}`, {
      params: { path },
      cause: error,
    });
  }
};
