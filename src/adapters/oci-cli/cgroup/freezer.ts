import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CgroupTree } from './cgroup-tree.ts';

const freezeDeadlineMs = 10_000;

type Freezer = {
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  readonly stateFile: string;
};

const freezerOf = (tree: CgroupTree, path: string): Freezer | undefined => {
  const folder = tree.folder(path, 'freezer');
  if (folder === undefined) return undefined;
  return tree.layout.version === 2
    ? {
        file: join(folder, 'cgroup.freeze'),
        frozen: '1',
        thawed: '0',
        stateFile: join(folder, 'cgroup.events'),
      }
    : {
        file: join(folder, 'freezer.state'),
        frozen: 'FROZEN',
        thawed: 'THAWED',
        stateFile: join(folder, 'freezer.state'),
      };
};

/** Reads a version 1 `freezer.state` or a version 2 `cgroup.events`. */
export const parseFrozen = (text: string): boolean => text.trim() === 'FROZEN' || /^frozen 1$/m.test(text);

/** Whether all processes of `path` stand still; false where there is no freezer. */
export const isFrozen = async (tree: CgroupTree, path: string): Promise<boolean> => {
  const freezer = freezerOf(tree, path);
  if (freezer === undefined) return false;
  try {
    return parseFrozen(await readFile(freezer.stateFile, 'utf8'));
  } catch {
    // No such group: nothing stands still in it.
    return false;
  }
};

/** Resolves when all processes stand still; thaws them again and throws after ten seconds. */
export const freeze = async (tree: CgroupTree, path: string): Promise<void> => {
  const freezer = freezerOf(tree, path);
  if (freezer === undefined) throw new Error('no freezer on this machine');
  await writeFile(freezer.file, freezer.frozen);
  const deadline = performance.now() + freezeDeadlineMs;
  while (!(await isFrozen(tree, path))) {
    if (performance.now() > deadline) {
      await thaw(tree, path);
      throw new Error(`the processes of ${path} could not be frozen`);
    }
    await sleep(1);
    // Version 1 stays FREEZING when a process was caught forking: writing again helps.
    await writeFile(freezer.file, freezer.frozen);
  }
};

/** Fine when the group is gone or runs already. */
export const thaw = async (tree: CgroupTree, path: string): Promise<void> => {
  const freezer = freezerOf(tree, path);
  if (freezer === undefined) return;
  try {
    await writeFile(freezer.file, freezer.thawed);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENODEV')))
      throw error;
  }
};
