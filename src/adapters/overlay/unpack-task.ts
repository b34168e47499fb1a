import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFileSystem } from '#adapters/libc/inode-calls.ts';
import { TarParser } from '#formats/tar/tar-parser.ts';
import { layerMediaType } from '#formats/compression/detect.ts';
import { cancelled, digestMismatch, layerTooLarge } from './layer-error.ts';
import { LayerUnpacker } from './layer-unpacker.ts';
import { makeLayerLink } from './layer-links.ts';
import { settleLayer } from './settle-layer.ts';
import { PROGRESS_WORD, STOP_WORD } from './task-control.ts';
import { openUncompressed } from './uncompressed.ts';

import type { ThreadRoot } from '#adapters/libc/thread-root.ts';
import type { Unsettled } from './layer-tree.ts';
import type { LayerLimits, TaskControl } from './task-control.ts';
import type { Uncompressed } from './uncompressed.ts';

const RATIO_FROM_BYTES = 1024 ** 3;

export type UnpackTask = {
  readonly blobPath: string;
  /** Fresh folder, on one file system with the layer's place; left behind on failure. */
  readonly temporary: string;
  readonly expectedDiffId: string | undefined;
  readonly limits: LayerLimits;
  readonly control: TaskControl;
};

export type UnpackOutcome = {
  readonly diffId: string;
  readonly sizeBytes: number;
  readonly warnings: readonly string[];
  readonly unsettled: Unsettled;
};

export type PublishTask = {
  readonly temporary: string;
  readonly place: string;
  readonly links: string;
  /** Folders of the layers below, from the top down: all of them are in their places. */
  readonly below: readonly string[];
  readonly unsettled: Unsettled;
};

/**
 * One pass over a blob: decompress, hash, parse, write files with the thread's root in the layer. Needs no other
 * layer, so that those of an image are unpacked side by side.
 */
export const unpackLayer = async (root: ThreadRoot, task: UnpackTask): Promise<UnpackOutcome> => {
  const diff = join(task.temporary, 'diff');
  mkdirSync(diff, { recursive: true, mode: 0o755 });
  // Children for bzip2 and xz are started here, while the thread still sees the machine.
  const input = openUncompressed(task.blobPath);
  const unpacker = new LayerUnpacker();
  let diffId: string;
  try {
    root.enter(diff);
    diffId = await pump(input, unpacker, task);
    unpacker.finish();
  } finally {
    unpacker.abandon();
    root.leave();
    input.close();
  }
  if (task.expectedDiffId !== undefined && task.expectedDiffId !== diffId)
    throw digestMismatch(task.expectedDiffId, diffId);
  const { sizeBytes, warnings, unsettled } = unpacker;
  writeFileSync(join(task.temporary, 'meta.json'), JSON.stringify({ diffId, sizeBytes }));
  return { diffId, sizeBytes, warnings, unsettled };
};

/**
 * What depends on the layers below; then on disk first, and in its place. A layer in its place is therefore
 * complete, whatever dies when.
 */
export const publishLayer = ({ temporary, place, links, below, unsettled }: PublishTask): void => {
  settleLayer(join(temporary, 'diff'), below, unsettled);
  withDescriptor(temporary, syncFileSystem);
  makeLayerLink(links, place);
  renameSync(temporary, place);
  withDescriptor(dirname(place), fsyncSync);
};

const pump = async (input: Uncompressed, unpacker: LayerUnpacker, task: UnpackTask): Promise<string> => {
  const hash = createHash('sha256');
  const parser = new TarParser(unpacker, { entries: task.limits.entries, pathBytes: 4096 });
  const meter = new Meter(input, task);
  for await (const chunk of input.chunks) {
    meter.count(chunk.length);
    hash.update(chunk);
    parser.write(chunk);
  }
  parser.end();
  return `sha256:${hash.digest('hex')}`;
};

class Meter {
  readonly #input: Uncompressed;
  readonly #limits: LayerLimits | undefined;
  readonly #words: Int32Array;
  readonly #counters: BigInt64Array;
  #tarBytes = 0;

  constructor(input: Uncompressed, task: { readonly control: TaskControl; readonly limits?: LayerLimits }) {
    this.#input = input;
    this.#limits = task.limits;
    this.#words = new Int32Array(task.control);
    this.#counters = new BigInt64Array(task.control);
  }

  get tarBytes(): number {
    return this.#tarBytes;
  }

  /** Counts a chunk; throws when the owner gave up or a limit is passed. */
  count(bytes: number): void {
    if (Atomics.load(this.#words, STOP_WORD) !== 0) throw cancelled();
    this.#tarBytes += bytes;
    const readBytes = this.#input.readBytes();
    Atomics.store(this.#counters, PROGRESS_WORD, BigInt(readBytes));
    if (this.#limits === undefined) return;
    const { layerBytes, ratio } = this.#limits;
    if (this.#tarBytes > layerBytes) throw layerTooLarge('bytes', layerBytes);
    if (this.#tarBytes > RATIO_FROM_BYTES && this.#tarBytes > ratio * readBytes)
      throw layerTooLarge('bytes for each compressed one', ratio);
  }
}

const withDescriptor = (path: string, work: (descriptor: number) => void): void => {
  const descriptor = openSync(path, 'r');
  try {
    work(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

export type DigestTask = { readonly blobPath: string; readonly control: TaskControl };
export type DigestOutcome = {
  readonly diffId: string;
  readonly mediaType: string;
  readonly tarBytes: number;
};

/** The DiffID alone. */
export const digestLayer = async ({ blobPath, control }: DigestTask): Promise<DigestOutcome> => {
  const input = openUncompressed(blobPath);
  const hash = createHash('sha256');
  const meter = new Meter(input, { control });
  try {
    for await (const chunk of input.chunks) {
      meter.count(chunk.length);
      hash.update(chunk);
    }
  } finally {
    input.close();
  }
  return {
    diffId: `sha256:${hash.digest('hex')}`,
    mediaType: layerMediaType(input.compression),
    tarBytes: meter.tarBytes,
  };
};
