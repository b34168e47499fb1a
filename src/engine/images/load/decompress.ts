import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { COMPRESSION_PROBE_BYTES, detectCompression } from '#formats/compression/detect.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';

/**
 * The plain bytes of an archive, whatever it is compressed with. gzip and zstd run as they come;
 * bzip2 and xz wait in the blob store until the whole archive is there.
 * Errors: `invalid`, code `archive.damaged`.
 */
export async function* decompress(
  world: Pick<ImagesContext, 'content' | 'digests'>,
  archive: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { head, whole } = await probe(archive);
  switch (detectCompression(head)) {
    case 'plain':
      yield* whole;
      return;
    case 'gzip':
      yield* through(whole, createGunzip());
      return;
    case 'zstd':
      yield* through(whole, createZstdDecompress());
      return;
    case 'bzip2':
    case 'xz':
      yield* throughStore(world, whole, signal);
  }
}

/** The first bytes, and the stream with them still in it. */
const probe = async (
  archive: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> }> => {
  const iterator: AsyncIterator<Uint8Array, unknown> = archive[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < COMPRESSION_PROBE_BYTES) {
    const step = await iterator.next();
    if (step.done === true) break;
    head = Buffer.concat([head, step.value]);
  }
  return { head, whole: resume(head, iterator) };
};

async function* resume(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array, unknown>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (head.length > 0) yield head;
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) yield step.value;
  } finally {
    await iterator.return?.();
  }
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  unpacker: ReturnType<typeof createGunzip>,
): AsyncGenerator<Uint8Array, void, void> {
  // A failing source destroys the unpacker with its error, which the loop below throws.
  const feeding = pipeline(Readable.from(source, { objectMode: false }), unpacker).catch(() => undefined);
  const plain: AsyncIterable<Uint8Array> = unpacker;
  try {
    yield* plain;
  } catch (error) {
    throw isEngineError(error) ? error : damaged(error);
  } finally {
    unpacker.destroy();
    await feeding;
  }
}

async function* throughStore(
  { content, digests }: Pick<ImagesContext, 'content' | 'digests'>,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { digest } = await content.ingest(source, { signal });
  try {
    yield* digests.uncompressed(content.pathOf(digest));
  } finally {
    await content.remove(digest);
  }
}

const damaged = (cause: unknown): EngineError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new EngineError('invalid', 'archive.damaged', `the archive is damaged: ${detail}`, {
    params: { detail },
    cause,
  });
};
