/** A thread that reads and writes files of containers: everything it does, in one table. */
import { readSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { closePipeEnd } from '#adapters/libc/pipes.ts';
import { serveCalls } from '#adapters/libc/thread-calls.ts';
import { bytesOfText } from '#lib/byte-text.ts';
import { TarParser } from '#formats/tar/tar-parser.ts';
import { listChanges } from './list-changes.ts';
import { StopFlag } from './stop-flag.ts';
import {
  checkWritable,
  describePlace,
  findPlace,
  findTarget,
  holdFile,
  readSmallFile,
} from './path-rules.ts';
import { toUploadError, TreeUnpacker } from './unpack-tree.ts';
import { ViewThread } from './view.ts';
import { writeDiff } from './write-diff.ts';
import { TreeWriter } from './write-tree.ts';

import type { ArchiveRead, ArchiveWrite, PathStat } from '#engine/ports/root-archive.ts';
import type { LayerFolders } from './upper-layer.ts';
import type { MountedView } from './view.ts';

const thread = new ViewThread();
/** Clients that wait for an answer come before archives. Of this thread alone: that is what Linux takes 0 for. */
setPriority(0, 10);
const CHUNK_BYTES = 512 * 1024;

type InView = { readonly view: MountedView };
type WithPipe = { readonly descriptor: number };

const closing = <Result>({ descriptor }: WithPipe, work: () => Result): Result => {
  try {
    return work();
  } finally {
    closePipeEnd(descriptor);
  }
};

/** Length and text of the description, in front of the tar: one pipe carries both. */
const writeStat = (descriptor: number, stat: PathStat): void => {
  const text = Buffer.from(JSON.stringify(stat));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(text.length);
  writeSync(descriptor, Buffer.concat([head, text]));
};

const read = ({ view, request, descriptor }: InView & WithPipe & { readonly request: ArchiveRead }): void =>
  closing({ descriptor }, () =>
    thread.within(view, () => {
      const place = findPlace(request.path, request.follow);
      using held = holdFile(request.path, place);
      writeStat(descriptor, describePlace(place));
      const writer = new TreeWriter(descriptor);
      const [path, name] = [bytesOfText(place.path), bytesOfText(place.name)];
      if (held === undefined) writer.tree(path, name);
      else writer.openFile(held.descriptor, path, name);
      writer.end();
    }),
  );

const write = ({ view, request, descriptor }: InView & WithPipe & { readonly request: ArchiveWrite }): void =>
  closing({ descriptor }, () =>
    thread.within(view, () => {
      const target = findTarget(request.path);
      checkWritable(target, view);
      const unpacker = new TreeUnpacker({ ...request, target });
      try {
        parseAll(descriptor, unpacker);
        unpacker.finish();
      } catch (error) {
        unpacker.abandon();
        throw toUploadError(error);
      }
    }),
  );

const parseAll = (descriptor: number, unpacker: TreeUnpacker): void => {
  const parser = new TarParser(unpacker, { pathBytes: 4096 });
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, null);
    if (length === 0) return parser.end();
    parser.write(chunk.subarray(0, length));
  }
};

const calls = {
  changes: ({ folders, stop }: { readonly folders: LayerFolders; readonly stop: SharedArrayBuffer }) =>
    listChanges(folders, new StopFlag(stop)),
  diff: ({ folders, descriptor }: WithPipe & { readonly folders: LayerFolders }): void =>
    closing({ descriptor }, () => writeDiff(folders, descriptor)),
  exportRoot: ({ view, descriptor }: InView & WithPipe): void =>
    closing({ descriptor }, () =>
      thread.within(view, () => {
        const writer = new TreeWriter(descriptor);
        writer.tree(Buffer.from('/'), Buffer.alloc(0));
        writer.end();
      }),
    ),
  stat: ({ view, path }: InView & { readonly path: string }): PathStat =>
    thread.within(view, () => describePlace(findPlace(path, false))),
  readFile: ({ view, path, limitBytes }: InView & { readonly path: string; readonly limitBytes: number }) =>
    thread.within(view, () => readSmallFile(path, limitBytes)),
  read,
  write,
};

export type ArchiveCalls = typeof calls;

serveCalls(calls);
