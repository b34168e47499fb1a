import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { OutputStream } from '#domain/log/record.ts';
import { listLogFiles, LOG_NAME, onMissing } from './log-files.ts';
import { readFile } from './read-log.ts';

export type DroppedBytes = Record<OutputStream, number>;

/**
 * Makes room: `console.log` becomes `.1`, and so on; the oldest beyond `maxFiles` goes. `reopen` makes the
 * monitor write into a new file; lines it writes meanwhile land in the renamed one and are not lost.
 */
export const rotate = async (
  directory: string,
  maxFiles: number,
  reopen: () => Promise<void>,
): Promise<DroppedBytes> => {
  const files = (await listLogFiles(directory)).toReversed();
  const dropped: DroppedBytes = { stdout: 0, stderr: 0 };
  for (const file of files.slice(Math.max(1, maxFiles - 1)).toReversed()) {
    await count(file, dropped);
    await rm(file, { force: true });
  }
  for (const [index, file] of files
    .slice(0, Math.max(1, maxFiles - 1))
    .entries()
    .toArray()
    .toReversed()) {
    await rename(file, path.join(directory, `${LOG_NAME}.${index + 1}`));
  }
  await reopen();
  if (maxFiles === 1) {
    const old = path.join(directory, `${LOG_NAME}.1`);
    await count(old, dropped);
    await rm(old, { force: true });
  }
  return dropped;
};

const count = async (file: string, into: DroppedBytes): Promise<void> => {
  for await (const { records } of readFile(file))
    for (const { stream, bytes } of records) into[stream] += bytes.length;
};

export const sizeOf = async (directory: string): Promise<number> =>
  stat(path.join(directory, LOG_NAME)).then(({ size }) => size, onMissing(0));
