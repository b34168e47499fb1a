import type { FileHandle } from 'node:fs/promises';
import { isWholeAt } from './line.ts';

const BLOCK = 64 * 1024;

export type TailScan = { readonly offset: number; readonly found: number };

/**
 * Where the last `wanted` lines of the process begin, reading backwards. `found` is less than wanted when the
 * file has fewer. Pieces of a long line belong to the line that they end in.
 */
export const findTail = async (file: FileHandle, size: number, wanted: number): Promise<TailScan> => {
  const scan = new BackwardScan(wanted);
  let end = size;
  let carried = Buffer.alloc(0);
  while (end > 0 && !scan.done) {
    const start = Math.max(0, end - BLOCK);
    const block = Buffer.concat([await readAt(file, start, end - start), carried]);
    carried = Buffer.from(scan.take(block, start));
    end = start;
  }
  return scan.result(end);
};

const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
};

/** Counts line ends from the back; the start of a counted line is after the whole line before it. */
class BackwardScan {
  readonly #wanted: number;
  #ends = 0;
  #start: number | undefined;
  #earliest = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  get done(): boolean {
    return this.#start !== undefined;
  }

  /** Takes a block that ends at a line's end or in the carried part; returns what must be seen again (its first line). */
  take(block: Buffer, at: number): Buffer {
    const firstLine = at === 0 ? 0 : block.indexOf(0x0a) + 1;
    let lineEnd = block.length;
    while (lineEnd > firstLine && !this.done) {
      const lineStart = Math.max(firstLine, block.lastIndexOf(0x0a, lineEnd - 2) + 1);
      this.#line(block, lineStart, at);
      lineEnd = lineStart;
    }
    return block.subarray(0, firstLine);
  }

  #line(block: Buffer, start: number, at: number): void {
    if (isWholeAt(block, start)) {
      // The whole line before the wanted ones: they begin right after it.
      if (this.#ends === this.#wanted) {
        this.#start = this.#earliest;
        return;
      }
      this.#ends += 1;
    } else if (this.#ends === 0) {
      // A piece at the very end counts as the line it will become.
      this.#ends = 1;
    }
    this.#earliest = at + start;
  }

  result(reached: number): TailScan {
    return { offset: this.#start ?? reached, found: this.#ends };
  }
}
