import { readNumber } from '#formats/tar/number-field.ts';
import { parsePaxInteger } from '#formats/tar/pax-records.ts';
import { fieldTooLong, invalidHeader } from '#formats/tar/tar-error.ts';

import { BLOCK_BYTES } from '#formats/tar/entry.ts';

/** A stretch of stored bytes; what lies between stretches reads as zeros. */
export type SparseSegment = { readonly offset: number; readonly length: number };

/** What a sparse entry's headers say. `map` is undefined where it stands in front of the content (GNU 1.0). */
export type SparseInfo = {
  readonly realSizeBytes: number;
  readonly map: readonly SparseSegment[] | undefined;
  readonly path: Buffer | undefined;
};

const NEWLINE = 0x0a;

/**
 * Reads GNU's PAX sparse keywords, formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files").
 * Answers undefined for an entry that is not sparse.
 */
export const sparseFromPax = (records: readonly [string, Buffer][]): SparseInfo | undefined => {
  if (!records.some(([keyword]) => keyword.startsWith('GNU.sparse.'))) return undefined;
  const last = new Map(records);
  const realSize = last.get('GNU.sparse.realsize') ?? last.get('GNU.sparse.size');
  if (realSize === undefined) throw invalidHeader('a sparse file has no size');
  const realSizeBytes = parsePaxInteger('GNU.sparse.realsize', realSize);
  return { realSizeBytes, map: mapFromPax(records, last, realSizeBytes), path: last.get('GNU.sparse.name') };
};

const mapFromPax = (
  records: readonly [string, Buffer][],
  last: ReadonlyMap<string, Buffer>,
  realSizeBytes: number,
): SparseSegment[] | undefined => {
  if (last.get('GNU.sparse.major')?.toString('latin1') === '1') return undefined;
  const inOne = last.get('GNU.sparse.map');
  const numbers =
    inOne === undefined
      ? records.filter(([keyword]) => keyword === 'GNU.sparse.offset' || keyword === 'GNU.sparse.numbytes')
      : inOne
          .toString('latin1')
          .split(',')
          .map((text): [string, Buffer] => ['GNU.sparse.map', Buffer.from(text)]);
  return toSegments(
    numbers.map(([keyword, value]) => parsePaxInteger(keyword, value)),
    realSizeBytes,
  );
};

/** Pairs of offset and length, ascending and inside the file. */
export const toSegments = (numbers: readonly number[], realSizeBytes: number): SparseSegment[] => {
  if (numbers.length % 2 !== 0) throw invalidHeader('a sparse map has an odd number of values');
  const segments: SparseSegment[] = [];
  let end = 0;
  for (let index = 0; index < numbers.length; index += 2) {
    const offset = numbers[index] ?? 0;
    const length = numbers[index + 1] ?? 0;
    if (offset < end || offset + length > realSizeBytes) throw invalidHeader('a sparse map is out of order');
    end = offset + length;
    segments.push({ offset, length });
  }
  return segments;
};

/** Reads the map of an old GNU sparse entry: four pairs in the header, 21 in each block that follows. */
export class OldSparseMap {
  readonly realSizeBytes: number;
  readonly #numbers: number[] = [];
  readonly #limitBytes: number;
  #goesOn: boolean;

  constructor(header: Buffer, at: number, limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.realSizeBytes = readNumber(header, at + 483, 12);
    this.#read(header, at + 386, 4);
    this.#goesOn = header[at + 482] !== 0;
  }

  get isComplete(): boolean {
    return !this.#goesOn;
  }

  /** Takes one extension block. */
  push(block: Buffer, at: number): void {
    this.#read(block, at, 21);
    this.#goesOn = block[at + 504] !== 0;
    if (this.#numbers.length * 12 > this.#limitBytes) throw fieldTooLong('sparse map', this.#limitBytes);
  }

  segments(): SparseSegment[] {
    return toSegments(this.#numbers, this.realSizeBytes);
  }

  #read(block: Buffer, start: number, pairs: number): void {
    for (let at = start; at < start + pairs * 24 && block[at] !== 0; at += 24)
      this.#numbers.push(readNumber(block, at, 12), readNumber(block, at + 12, 12));
  }
}

/** Reads the map of GNU sparse format 1.0: decimal lines in the first blocks of the content. */
export class LeadingSparseMap {
  readonly #limitBytes: number;
  #bytes = Buffer.alloc(0);

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes one block; answers the segments once the map is complete. */
  push(block: Buffer, at: number, realSizeBytes: number): SparseSegment[] | undefined {
    this.#bytes = Buffer.concat([this.#bytes, block.subarray(at, at + BLOCK_BYTES)]);
    if (this.#bytes.length > this.#limitBytes) throw fieldTooLong('sparse map', this.#limitBytes);
    const firstEnd = this.#bytes.indexOf(NEWLINE);
    if (firstEnd < 0) return undefined;
    const count = parsePaxInteger('sparse map', this.#bytes.subarray(0, firstEnd));
    if (count > this.#limitBytes) throw fieldTooLong('sparse map', this.#limitBytes);
    if (countNewlines(this.#bytes) < 1 + 2 * count) return undefined;
    const lines = this.#bytes.toString('latin1', firstEnd + 1).split('\n', 2 * count);
    return toSegments(
      lines.map((line) => parsePaxInteger('sparse map', Buffer.from(line))),
      realSizeBytes,
    );
  }
}

const countNewlines = (bytes: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
};
