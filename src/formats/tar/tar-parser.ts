import { assembleEntry } from '#formats/tar/assemble-entry.ts';
import { BLOCK_BYTES, DEFAULT_TAR_LIMITS, paddingAfter } from '#formats/tar/entry.ts';
import { isZeroBlock, parseHeaderBlock } from '#formats/tar/header-block.ts';
import { parsePaxRecords } from '#formats/tar/pax-records.ts';
import { ContentCursor } from '#formats/tar/content-cursor.ts';
import { LeadingSparseMap, OldSparseMap } from '#formats/tar/sparse-map.ts';
import { fieldTooLong, invalidHeader, tooManyEntries, truncated } from '#formats/tar/tar-error.ts';

import type { TarEntry, TarLimits } from '#formats/tar/entry.ts';
import type { HeaderBlock } from '#formats/tar/header-block.ts';
import type { SparseSegment } from '#formats/tar/sparse-map.ts';

/** Called synchronously from `write`. What they throw leaves `write`; the parser is of no use afterwards. */
export type TarHandlers = {
  onEntry(entry: TarEntry): void;
  /** Content of the last entry: bytes `start` to `end` of a buffer that is the parser's caller's. */
  onData(buffer: Buffer, start: number, end: number): void;
  /** Zeros of a sparse file. Without it they come through `onData`. */
  onHole?(length: number): void;
  /** The last entry is complete. */
  onEntryEnd(): void;
};

type State =
  | 'header'
  | 'extension'
  | 'old-sparse-map'
  | 'leading-sparse-map'
  | 'content'
  | 'padding'
  | 'done';

const FIRST_EXTENSION = { longName: undefined, longLink: undefined } as const;

/**
 * A push parser: give it chunks of any size, it calls the handlers. Content is handed on as a range of
 * the chunk it came in, so the path of file data allocates nothing. Bytes after the end of the archive
 * are ignored. Errors are EngineError `invalid`, codes `tar.*`.
 */
export class TarParser {
  readonly #handlers: TarHandlers;
  readonly #limits: TarLimits;
  readonly #held = Buffer.alloc(BLOCK_BYTES);
  #heldBytes = 0;
  #state: State = 'header';
  #entries = 0;
  #sawZeroBlock = false;
  #paddingBytes = 0;
  #global: [string, Buffer][] = [];
  #local: [string, Buffer][] = [];
  #names: { longName: Buffer | undefined; longLink: Buffer | undefined } = FIRST_EXTENSION;
  #extension: { typeFlag: string; bytes: Buffer; filled: number } | undefined;
  #oldSparse: { block: HeaderBlock; map: OldSparseMap } | undefined;
  #leadingSparse: { map: LeadingSparseMap; realSizeBytes: number; storedBytes: number } | undefined;
  #content: ContentCursor | undefined;

  constructor(handlers: TarHandlers, limits: Partial<TarLimits> = {}) {
    this.#handlers = handlers;
    this.#limits = { ...DEFAULT_TAR_LIMITS, ...limits };
  }

  /** True once the end-of-archive blocks were read. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Parses a chunk. Nothing of it is kept after the call but copies. */
  write(chunk: Uint8Array): void {
    const bytes = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') at = this.#step(bytes, at);
  }

  /**
   * No more chunks. Throws `tar.truncated` when an entry is incomplete; an archive that ends between
   * entries without its closing blocks is accepted, as Go and GNU tar do.
   */
  end(): void {
    const isBetweenEntries = this.#state === 'header' && this.#heldBytes === 0 && !this.#hasExtensions();
    if (this.#state !== 'done' && !isBetweenEntries) throw truncated();
    this.#state = 'done';
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'content':
        return this.#takeContent(bytes, at);
      case 'padding':
        return this.#takePadding(bytes, at);
      case 'extension':
        return this.#takeExtension(bytes, at);
      default:
        return this.#takeBlock(bytes, at);
    }
  }

  /** Whole blocks are read where they lie; only one that a chunk boundary cuts is put together. */
  #takeBlock(bytes: Buffer, at: number): number {
    if (this.#heldBytes === 0 && bytes.length - at >= BLOCK_BYTES) {
      this.#onBlock(bytes, at);
      return at + BLOCK_BYTES;
    }
    const taken = bytes.copy(this.#held, this.#heldBytes, at, at + BLOCK_BYTES - this.#heldBytes);
    this.#heldBytes += taken;
    if (this.#heldBytes === BLOCK_BYTES) {
      this.#heldBytes = 0;
      this.#onBlock(this.#held, 0);
    }
    return at + taken;
  }

  #onBlock(bytes: Buffer, at: number): void {
    if (this.#oldSparse !== undefined) this.#onOldSparseBlock(bytes, at);
    else if (this.#leadingSparse !== undefined) this.#onLeadingSparseBlock(bytes, at);
    else if (isZeroBlock(bytes, at)) this.#onZeroBlock();
    else this.#onHeader(bytes, at);
  }

  #onZeroBlock(): void {
    if (this.#hasExtensions()) throw truncated();
    if (this.#sawZeroBlock) this.#state = 'done';
    this.#sawZeroBlock = true;
  }

  #onHeader(bytes: Buffer, at: number): void {
    if (this.#sawZeroBlock) throw invalidHeader('a lone zero block');
    const block = parseHeaderBlock(bytes, at);
    if ('xgLK'.includes(block.typeFlag)) {
      this.#startExtension(block);
      return;
    }
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) throw tooManyEntries(this.#limits.entries);
    if (block.typeFlag !== 'S') {
      this.#startEntry(block);
      return;
    }
    const map = new OldSparseMap(bytes, at, this.#limits.extendedHeaderBytes);
    this.#oldSparse = { block, map };
    this.#state = 'old-sparse-map';
    if (map.isComplete) this.#finishOldSparse(block, map);
  }

  #onOldSparseBlock(bytes: Buffer, at: number): void {
    if (this.#oldSparse === undefined) return;
    const { block, map } = this.#oldSparse;
    map.push(bytes, at);
    if (map.isComplete) this.#finishOldSparse(block, map);
  }

  #finishOldSparse(block: HeaderBlock, map: OldSparseMap): void {
    this.#oldSparse = undefined;
    this.#startEntry(block, { segments: map.segments(), realSizeBytes: map.realSizeBytes });
  }

  #startExtension(block: HeaderBlock): void {
    const limit = this.#limits.extendedHeaderBytes;
    if (block.sizeBytes < 0) throw invalidHeader('a size is negative');
    if (block.sizeBytes > limit) throw fieldTooLong('extended header', limit);
    this.#extension = { typeFlag: block.typeFlag, bytes: Buffer.alloc(block.sizeBytes), filled: 0 };
    this.#state = 'extension';
    if (block.sizeBytes === 0) this.#finishExtension();
  }

  #takeExtension(bytes: Buffer, at: number): number {
    const extension = this.#extension;
    if (extension === undefined) return at;
    const taken = bytes.copy(extension.bytes, extension.filled, at);
    extension.filled += taken;
    if (extension.filled === extension.bytes.length) this.#finishExtension();
    return at + taken;
  }

  #finishExtension(): void {
    if (this.#extension === undefined) return;
    const { typeFlag, bytes } = this.#extension;
    this.#extension = undefined;
    if (typeFlag === 'x') this.#local = parsePaxRecords(bytes);
    else if (typeFlag === 'g') this.#mergeGlobal(parsePaxRecords(bytes));
    else if (typeFlag === 'L') this.#names = { ...this.#names, longName: untilNul(bytes) };
    else this.#names = { ...this.#names, longLink: untilNul(bytes) };
    this.#startPadding(bytes.length);
  }

  #mergeGlobal(records: readonly [string, Buffer][]): void {
    const merged = new Map(this.#global);
    for (const [keyword, value] of records) {
      if (value.length === 0) merged.delete(keyword);
      else merged.set(keyword, value);
    }
    this.#global = [...merged];
  }

  #hasExtensions(): boolean {
    return this.#local.length > 0 || this.#names !== FIRST_EXTENSION;
  }

  #startEntry(block: HeaderBlock, old?: { segments: readonly SparseSegment[]; realSizeBytes: number }): void {
    const extensions = { global: this.#global, local: this.#local, ...this.#names };
    const { entry, storedBytes, sparse } = assembleEntry(block, extensions, this.#limits, old?.realSizeBytes);
    if (this.#local.length > 0) this.#local = [];
    this.#names = FIRST_EXTENSION;
    this.#handlers.onEntry(entry);
    const segments = old?.segments ?? sparse?.map;
    if (sparse !== undefined && segments === undefined) {
      const map = new LeadingSparseMap(this.#limits.extendedHeaderBytes);
      this.#leadingSparse = { map, realSizeBytes: sparse.realSizeBytes, storedBytes };
      this.#state = 'leading-sparse-map';
      return;
    }
    this.#startContent(storedBytes, entry.sizeBytes, segments);
  }

  #onLeadingSparseBlock(bytes: Buffer, at: number): void {
    const leading = this.#leadingSparse;
    if (leading === undefined) return;
    leading.storedBytes -= BLOCK_BYTES;
    if (leading.storedBytes < 0) throw invalidHeader('a sparse map is longer than its entry');
    const segments = leading.map.push(bytes, at, leading.realSizeBytes);
    if (segments === undefined) return;
    this.#leadingSparse = undefined;
    this.#startContent(leading.storedBytes, leading.realSizeBytes, segments);
  }

  #startContent(
    storedBytes: number,
    realSizeBytes: number,
    segments: readonly SparseSegment[] | undefined,
  ): void {
    const content = new ContentCursor(this.#handlers, { storedBytes, realSizeBytes, segments });
    this.#content = content;
    this.#state = 'content';
    if (storedBytes === 0) this.#finishContent(content);
  }

  #takeContent(bytes: Buffer, at: number): number {
    const content = this.#content;
    if (content === undefined) return at;
    const next = content.take(bytes, at);
    if (content.remainingBytes === 0) this.#finishContent(content);
    return next;
  }

  #finishContent(content: ContentCursor): void {
    this.#content = undefined;
    content.finish();
    this.#handlers.onEntryEnd();
    this.#startPadding(content.storedBytes);
  }

  #startPadding(sizeBytes: number): void {
    this.#paddingBytes = paddingAfter(sizeBytes);
    this.#state = this.#paddingBytes === 0 ? 'header' : 'padding';
  }

  #takePadding(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#paddingBytes, bytes.length - at);
    this.#paddingBytes -= taken;
    if (this.#paddingBytes === 0) this.#state = 'header';
    return at + taken;
  }
}

const untilNul = (bytes: Buffer): Buffer => {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
};
