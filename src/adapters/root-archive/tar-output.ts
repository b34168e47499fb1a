import { fstatSync, readSync, writeSync } from 'node:fs';
import { encodeTarHeader, TAR_END, tarPadding } from '#formats/tar/encode-header.ts';
import { paddingAfter } from '#formats/tar/entry.ts';

import type { BigIntStats } from 'node:fs';
import type { TarHeader, TarTime } from '#formats/tar/entry.ts';

const CHUNK_BYTES = 512 * 1024;

/** Writes an archive into a descriptor, synchronously: for a thread whose other end of a pipe has the reader. */
export class TarOutput {
  readonly #descriptor: number;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  /** Headers and small files wait here, so that a tree of small files does not cost a call each. */
  #filled = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  header(header: TarHeader): void {
    this.#put(encodeTarHeader(header));
  }

  /** A file's content as long as the header says: one that shrank meanwhile goes on as zeros, as with GNU tar. */
  content(descriptor: number, sizeBytes: number): void {
    let left = sizeBytes;
    while (left > 0) {
      if (this.#filled === CHUNK_BYTES) this.#flush();
      const room = Math.min(left, CHUNK_BYTES - this.#filled);
      const read = readSync(descriptor, this.#chunk, this.#filled, room, null);
      if (read === 0) this.#chunk.fill(0, this.#filled, this.#filled + room);
      const taken = read === 0 ? room : read;
      this.#filled += taken;
      left -= taken;
    }
    if (paddingAfter(sizeBytes) > 0) this.#put(tarPadding(sizeBytes));
  }

  end(): void {
    this.#put(TAR_END);
    this.#flush();
  }

  #put(bytes: Buffer): void {
    if (this.#filled + bytes.length > CHUNK_BYTES) this.#flush();
    if (bytes.length > CHUNK_BYTES) return this.#write(bytes, bytes.length);
    this.#filled += bytes.copy(this.#chunk, this.#filled);
  }

  #flush(): void {
    this.#write(this.#chunk, this.#filled);
    this.#filled = 0;
  }

  #write(bytes: Buffer, length: number): void {
    for (let at = 0; at < length;) at += writeSync(this.#descriptor, bytes, at, length - at);
  }
}

/** What a tar says of a file besides its name and content. */
export const commonHeader = (
  stats: BigIntStats,
): Required<Pick<TarHeader, 'mode' | 'uid' | 'gid' | 'modified'>> => ({
  mode: Number(stats.mode) & 0o7777,
  uid: Number(stats.uid),
  gid: Number(stats.gid),
  modified: timeOf(stats),
});

/** Kind of entry and device numbers; undefined for sockets, which no tar can hold. */
export const kindHeader = (
  stats: BigIntStats,
): Pick<TarHeader, 'kind' | 'deviceMajor' | 'deviceMinor'> | undefined => {
  if (stats.isFile()) return { kind: 'file' };
  if (stats.isDirectory()) return { kind: 'directory' };
  if (stats.isSymbolicLink()) return { kind: 'symlink' };
  if (stats.isFIFO()) return { kind: 'fifo' };
  const device = { deviceMajor: majorOf(stats.rdev), deviceMinor: minorOf(stats.rdev) };
  if (stats.isCharacterDevice()) return { kind: 'character-device', ...device };
  return stats.isBlockDevice() ? { kind: 'block-device', ...device } : undefined;
};

/** Size now: a file may have grown or shrunk since it was listed. */
export const sizeNow = (descriptor: number): number => fstatSync(descriptor).size;

const timeOf = ({ mtimeNs }: BigIntStats): TarTime => {
  const seconds = mtimeNs >= 0n ? mtimeNs / 1_000_000_000n : (mtimeNs - 999_999_999n) / 1_000_000_000n;
  return { seconds: Number(seconds), nanoseconds: Number(mtimeNs - seconds * 1_000_000_000n) };
};

const majorOf = (device: bigint): number =>
  Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
const minorOf = (device: bigint): number => Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));
