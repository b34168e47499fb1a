/** A thread with a root of its own: everything the overlay does on disk, in one table. */
import { serveCalls } from '#adapters/libc/thread-calls.ts';
import { makeSharedMount } from '#adapters/libc/mounts.ts';
import { ThreadRoot } from '#adapters/libc/thread-root.ts';
import { mkdirSync } from 'node:fs';
import { EngineError } from '#domain/error/engine-error.ts';
import { recoverFolders, releaseMounts } from './recover.ts';
import { measureTree } from './measure-tree.ts';
import { removeTree } from './remove-tree.ts';
import { kindAt, makeDirectoryAt, makeFileAt, readSmallFile } from './root-files.ts';
import {
  copyOutOfRoot,
  createRootFolder,
  detachRoot,
  discardFolder,
  isMountPoint,
  mountRootFolder,
} from './root-tasks.ts';

import type { OverlayFolders } from './folders.ts';
import type { NewRoot, RootPlace } from './root-tasks.ts';
import type { DigestTask, PublishTask, UnpackTask } from './unpack-task.ts';

const root = new ThreadRoot();

type InRoot = { readonly merged: string; readonly id: string; readonly path: string };

/** Only where it is mounted: below the bare mount point a path would be the host's. */
const within = <Result>({ merged, id, path }: InRoot, work: (path: string) => Result): Result => {
  if (!isMountPoint(merged))
    throw new EngineError('conflict', 'root.not-mounted', `root ${id} is not mounted`, { params: { id } });
  return root.within(merged, () => work(path.startsWith('/') ? path : `/${path}`));
};

const calls = {
  prepare: ({ folders, shared }: { readonly folders: readonly string[]; readonly shared: string }): void => {
    // For root alone: setuid programs of images are nothing for the users of this machine.
    for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
    makeSharedMount(shared);
  },
  // Loaded where it is needed: the thread for quick work never unpacks.
  unpack: async (task: UnpackTask) => (await import('./unpack-task.ts')).unpackLayer(root, task),
  publish: async (task: PublishTask) => (await import('./unpack-task.ts')).publishLayer(task),
  digest: async (task: DigestTask) => (await import('./unpack-task.ts')).digestLayer(task),
  createRoot: (place: NewRoot): void => createRootFolder(place),
  mountRoot: (place: RootPlace): void => mountRootFolder(root, place),
  detachRoot: (place: Pick<RootPlace, 'merged'>): void => detachRoot(place),
  discardRoot: ({
    merged,
    from,
    to,
  }: {
    readonly merged: string;
    readonly from: string;
    readonly to: string;
  }): boolean => {
    detachRoot({ merged });
    return discardFolder(from, to);
  },
  readFile: (at: InRoot) => within(at, readSmallFile),
  kindOf: (at: InRoot) => within(at, kindAt),
  makeDirectory: (at: InRoot): void => within(at, (path) => makeDirectoryAt(path)),
  makeFile: (at: InRoot): void => within(at, (path) => makeFileAt(path)),
  copyOut: ({ target, ...at }: InRoot & { readonly target: string }): void =>
    copyOutOfRoot(root, { ...at, target }),
  measure: ({ path }: { readonly path: string }): number => measureTree(path),
  recover: (folders: OverlayFolders): string[] => recoverFolders(folders),
  release: (folders: Pick<OverlayFolders, 'mounts'>): boolean => releaseMounts(folders),
  remove: ({ path }: { readonly path: string }): void => removeTree(path),
};

export type FileCalls = typeof calls;

serveCalls(calls);
