import path from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { EngineError } from '#domain/error/engine-error.ts';
import type { LogRecord } from '#domain/log/record.ts';
import type { LogBatch, LogCursor, LogReadOptions } from '#engine/ports/log-store.ts';
import { formatNine, nanosOf } from '#formats/time/nanos.ts';
import { untilAborted } from '#lib/gate.ts';
import { parseLines } from './line.ts';
import { inodeOf, listLogFiles, LOG_NAME, openLog } from './log-files.ts';
import { findTail } from './tail.ts';
import { FolderWatch } from './watch-folder.ts';

const BLOCK = 256 * 1024;

type Open = { readonly file: FileHandle; readonly inode: bigint; offset: number };

/** Stored lines of one container, then those to come; see `LogStore.read`. */
export const readLog = async function* (
  directory: string,
  options: LogReadOptions,
): AsyncGenerator<LogBatch> {
  using watch = options.follow === undefined ? undefined : new FolderWatch(directory);
  const files =
    options.from === undefined
      ? await openTail(directory, options.tail)
      : await openAt(directory, options.from);
  options.follow?.onPlaced?.();
  try {
    for (let index = 0; index < files.length; index += 1) {
      const current = files[index];
      if (current === undefined || options.signal?.aborted === true) return;
      yield* readToEnd(current, options);
      if (index < files.length - 1) continue;
      if (watch === undefined || options.follow === undefined) return;
      yield* followFile(directory, current, watch, { ...options, follow: options.follow });
      // The file was rotated away under us: go on with the ones that came after it.
      files.push(...(await openAfter(directory, current)));
    }
  } finally {
    await Promise.all(files.map(async ({ file }) => file.close()));
  }
};

/** All lines of one file of a log. */
export const readFile = async function* (name: string): AsyncGenerator<LogBatch> {
  for (const entry of await openAll([name])) {
    try {
      yield* readToEnd(entry, {});
    } finally {
      await entry.file.close();
    }
  }
};

/** Opens the files that hold the last `tail` lines (all when undefined), each at its first wanted byte. */
const openTail = async (directory: string, tail: number | undefined): Promise<Open[]> => {
  const opened = await openAll(await listLogFiles(directory));
  if (tail === undefined || tail < 0) return opened;
  let wanted = tail;
  for (const entry of opened.toReversed()) {
    const { size } = await entry.file.stat();
    const { offset, found } =
      wanted === 0 ? { offset: size, found: 0 } : await findTail(entry.file, size, wanted);
    entry.offset = offset;
    wanted -= Math.min(found, wanted);
  }
  return opened;
};

/** Opens the file a reader was in, and those after it. */
const openAt = async (directory: string, cursor: LogCursor): Promise<Open[]> => {
  const opened = await openAll(await listLogFiles(directory));
  const index = opened.findIndex(({ inode }) => String(inode) === cursor.file);
  await Promise.all(opened.slice(0, Math.max(index, 0)).map(async ({ file }) => file.close()));
  const first = opened[index];
  if (first === undefined) {
    await Promise.all(opened.map(async ({ file }) => file.close()));
    throw new EngineError('not-found', 'log.rotated', 'this part of the log has been rotated away');
  }
  first.offset = cursor.offset;
  return opened.slice(index);
};

const openAll = async (names: readonly string[]): Promise<Open[]> => {
  const opened = await Promise.all(
    names.map(async (name): Promise<Open[]> => {
      const file = await openLog(name);
      return file === undefined ? [] : [{ file, inode: (await file.stat({ bigint: true })).ino, offset: 0 }];
    }),
  );
  // A rotation between listing and opening can show one file under two names.
  return opened
    .flat()
    .filter((entry, index, all) => all.findIndex(({ inode }) => inode === entry.inode) === index);
};

const openAfter = async (directory: string, last: Open): Promise<Open[]> => {
  const opened = await openAll(await listLogFiles(directory));
  const index = opened.findIndex(({ inode }) => inode === last.inode);
  const dropped = opened.slice(0, index + 1);
  await Promise.all(dropped.map(async ({ file }) => file.close()));
  return opened.slice(index + 1);
};

const readToEnd = async function* (current: Open, options: LogReadOptions): AsyncGenerator<LogBatch> {
  for (;;) {
    if (options.signal?.aborted === true) return;
    const block = await readBlock(current);
    const { lines, rest } = parseLines(block);
    current.offset += rest;
    if (rest === 0) return;
    const chosen = choose(lines, options);
    if (chosen.length > 0)
      yield { records: chosen, end: { file: String(current.inode), offset: current.offset } };
    if (block.length < BLOCK) return;
  }
};

const readBlock = async (current: Open): Promise<Buffer> => {
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  const { bytesRead } = await current.file.read(buffer, 0, BLOCK, current.offset);
  return buffer.subarray(0, bytesRead);
};

const choose = (lines: readonly LogRecord[], { since, until }: LogReadOptions): readonly LogRecord[] => {
  if (since === undefined && until === undefined) return lines;
  return lines.filter(
    ({ time }) => (since === undefined || time >= since) && (until === undefined || time <= until),
  );
};

type FollowOptions = LogReadOptions & { readonly follow: NonNullable<LogReadOptions['follow']> };

/** Yields what is appended until the container has ended, the reader stops, or the file is rotated away. */
const followFile = async function* (
  directory: string,
  current: Open,
  watch: FolderWatch,
  options: FollowOptions,
): AsyncGenerator<LogBatch> {
  const { ended } = options.follow;
  for (;;) {
    const isLast = ended.aborted;
    // Until the monitor has made the new file it may still write to the renamed one.
    const inode = await inodeOf(path.join(directory, LOG_NAME));
    const isRotated = inode !== undefined && inode !== current.inode;
    yield* readToEnd(current, options);
    if (isRotated && !isLast) return;
    if (isLast || options.signal?.aborted === true || isPast(options.until)) return;
    await untilAborted(untilAborted(watch.changed(), ended), options.signal);
  }
};

const isPast = (until: string | undefined): boolean =>
  until !== undefined && formatNine(nanosOf(Date.now())) > until;
