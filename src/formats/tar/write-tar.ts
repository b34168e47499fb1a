import { encodeTarHeader, TAR_END, tarPadding } from '#formats/tar/encode-header.ts';
import { unwritable } from '#formats/tar/tar-error.ts';

import type { TarHeader } from '#formats/tar/entry.ts';

export type TarSource = {
  readonly header: TarHeader;
  /** Exactly `header.sizeBytes` bytes; a whole buffer sets the size by itself. */
  readonly content?: Uint8Array | AsyncIterable<Uint8Array>;
};

/**
 * An archive of these entries, closed by its two zero blocks.
 * Throws `invalid`, code `tar.unwritable`, where a header cannot be encoded or content is not as long as said.
 */
export async function* writeTar(
  entries: Iterable<TarSource> | AsyncIterable<TarSource>,
): AsyncGenerator<Buffer, void, void> {
  for await (const { header, content } of entries) {
    if (content === undefined || content instanceof Uint8Array) {
      yield* wholeEntry(header, content);
      continue;
    }
    const sizeBytes = header.sizeBytes ?? 0;
    yield encodeTarHeader(header);
    yield* exactly(content, sizeBytes);
    yield tarPadding(sizeBytes);
  }
  yield TAR_END;
}

function* wholeEntry(header: TarHeader, content: Uint8Array | undefined): Generator<Buffer, void, void> {
  const sizeBytes = content?.length ?? 0;
  if (header.sizeBytes !== undefined && header.sizeBytes !== sizeBytes)
    throw unwritable(`${sizeBytes} bytes of content where ${header.sizeBytes} were announced`);
  yield encodeTarHeader({ ...header, sizeBytes });
  if (content === undefined || sizeBytes === 0) return;
  yield Buffer.from(content.buffer, content.byteOffset, sizeBytes);
  yield tarPadding(sizeBytes);
}

/** A file that grows or shrinks while it is read would shift every later entry. */
async function* exactly(
  content: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Buffer, void, void> {
  let left = sizeBytes;
  for await (const chunk of content) {
    left -= chunk.length;
    if (left < 0) throw unwritable(`more than the announced ${sizeBytes} bytes of content`);
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
  if (left !== 0) throw unwritable(`${left} bytes of the announced ${sizeBytes} are missing`);
}
