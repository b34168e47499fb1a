import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { ZstdFrameScanner } from './zstd-frames.ts';

import type { ZstdOptions } from 'node:zlib';

/**
 * Decompresses a stream of any number of frames, each with a decoder of its own: Node's stops after one. Throws its
 * errors (`ZSTD_error_…`): windows above 128 MB are among them.
 */
export async function* inflateZstd(
  source: AsyncIterable<Uint8Array>,
  options: ZstdOptions & { readonly readableHighWaterMark?: number } = {},
): AsyncGenerator<Buffer, void, void> {
  const frames = new FrameSource(source);
  while (await frames.hasMore()) {
    const decoder = createZstdDecompress(options);
    // Failures reach the reader through the decoder, which pipeline destroys with the same error.
    pipeline(Readable.from(frames.pieces()), decoder, () => undefined);
    for await (const chunk of decoder) yield chunk as Buffer;
  }
}

class FrameSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #scanner = new ZstdFrameScanner();
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** True if another frame begins here. Node's decoder gives nothing for a frame without content. */
  async hasMore(): Promise<boolean> {
    return this.#fill();
  }

  /** The bytes of one frame. Ends early where the stream does, which the decoder then complains of. */
  async *pieces(): AsyncGenerator<Uint8Array, void, void> {
    while (await this.#fill()) {
      const start = this.#at;
      const { end, isLast } = this.#scanner.scan(this.#chunk, start);
      this.#at = end;
      yield this.#chunk.subarray(start, end);
      if (isLast) return;
    }
  }

  async #fill(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
      this.#at = 0;
    }
    return true;
  }
}
