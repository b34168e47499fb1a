import { open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';

export const LOG_NAME = 'console.log';

/** Files of one log, oldest first: `console.log.2`, `console.log.1`, `console.log`. */
export const listLogFiles = async (directory: string): Promise<string[]> => {
  const names = await readdir(directory).catch(onMissing<string[]>([]));
  return names
    .filter((name) => name === LOG_NAME || /^console\.log\.\d+$/.test(name))
    .toSorted((a, b) => rotationOf(b) - rotationOf(a))
    .map((name) => path.join(directory, name));
};

const rotationOf = (name: string): number => Number(name.slice(LOG_NAME.length + 1));

/** undefined when it has been rotated away between listing and opening. */
export const openLog = async (file: string): Promise<FileHandle | undefined> =>
  open(file, 'r').catch(onMissing<FileHandle | undefined>(undefined));

/** Tells one generation of the log from the next. */
export const inodeOf = async (file: string): Promise<bigint | undefined> =>
  stat(file, { bigint: true }).then(({ ino }) => ino, onMissing<bigint | undefined>(undefined));

export const onMissing =
  <T>(instead: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return instead;
    throw error;
  };
