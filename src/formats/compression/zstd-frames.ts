import { EngineError } from '#domain/error/engine-error.ts';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const RLE_BLOCK = 1;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

type Stage = 'magic' | 'skippable-size' | 'descriptor' | 'block' | 'end';

/** Where a scan stopped: before `end` lies what belongs to the frame; `isLast` if the frame is complete with it. */
export type FrameScan = { readonly end: number; readonly isLast: boolean };

/**
 * Finds where zstd frames end (RFC 8878 §3.1) without decompressing. Node's decoder stops after one frame,
 * but a stream is any number of them (RFC 8878 §2): tools that compress in parallel or file by file write many.
 */
export class ZstdFrameScanner {
  readonly #field = Buffer.alloc(4);
  #stage: Stage = 'magic';
  /** Bytes of the field that is being read, and how many it has. */
  #have = 0;
  #want = 4;
  /** Bytes to pass over before the next field. */
  #skip = 0;
  #hasChecksum = false;

  /** True between frames, where a stream may end. */
  get isBetweenFrames(): boolean {
    return this.#stage === 'magic' && this.#have === 0;
  }

  /** Scans from `at` to the end of the frame or of the bytes. Throws `invalid`, code `zstd.corrupt`. */
  scan(bytes: Uint8Array, at: number): FrameScan {
    let index = at;
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length - index);
      index += skipped;
      this.#skip -= skipped;
      if (this.#skip > 0) return { end: index, isLast: false };
      if (this.#stage === 'end') return { end: index, isLast: this.#restart() };
      while (this.#have < this.#want && index < bytes.length) {
        this.#field[this.#have] = bytes[index] ?? 0;
        this.#have += 1;
        index += 1;
      }
      if (this.#have < this.#want) return { end: index, isLast: false };
      this.#onField();
    }
  }

  #restart(): true {
    this.#next('magic', 4);
    return true;
  }

  #next(stage: Stage, want: number, skip = 0): void {
    this.#stage = stage;
    this.#want = want;
    this.#have = 0;
    this.#skip = skip;
  }

  #onField(): void {
    if (this.#stage === 'magic') this.#onMagic(this.#field.readUInt32LE(0));
    else if (this.#stage === 'skippable-size') this.#next('end', 0, this.#field.readUInt32LE(0));
    else if (this.#stage === 'descriptor') this.#onDescriptor(this.#field[0] ?? 0);
    else this.#onBlock(this.#field.readUIntLE(0, 3));
  }

  #onMagic(magic: number): void {
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) this.#next('skippable-size', 4);
    else if (magic === FRAME_MAGIC) this.#next('descriptor', 1);
    else throw new EngineError('invalid', 'zstd.corrupt', 'zstd: unknown frame descriptor');
  }

  #onDescriptor(descriptor: number): void {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const sizeFlag = descriptor >> 6;
    const contentSize = sizeFlag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
    const windowBytes = isSingleSegment ? 0 : 1;
    this.#next('block', 3, windowBytes + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + contentSize);
  }

  #onBlock(header: number): void {
    const size = ((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3;
    if ((header & 1) === 0) this.#next('block', 3, size);
    else this.#next('end', 0, size + (this.#hasChecksum ? 4 : 0));
  }
}
