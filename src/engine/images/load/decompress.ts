import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { COMPRESSION_PROBE_BYTES, detectCompression } from '#formats/compression/detect.ts';
import { inflateZstd } from '#formats/compression/inflate-zstd.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';

/**
 * The plain bytes of an archive, whatever it is compressed with. gzip and zstd run as they come;
 * bzip2 and xz wait in the blob store until the whole archive is there.
 * Errors: `invalid`, codes `archive.damaged` and `archive.too-large`.
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
      yield* limited(whole, (source) => through(source, createGunzip()));
      return;
    case 'zstd':
      yield* limited(whole, throughZstd);
      return;
    case 'bzip2':
    case 'xz':
      yield* limited(whole, (source) => throughStore(world, source, signal));
  }
}

/** Past the first GiB more than this many bytes for each compressed one are a bomb; gzip reaches 1032. */
const RATIO = 200;
const RATIO_FROM_BYTES = 1024 ** 3;

async function* limited(
  source: AsyncIterable<Uint8Array>,
  unpack: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  let readBytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array, void, void> {
    for await (const bytes of source) {
      readBytes += bytes.length;
      yield bytes;
    }
  };
  let plainBytes = 0;
  for await (const bytes of unpack(counted())) {
    plainBytes += bytes.length;
    if (plainBytes > RATIO_FROM_BYTES && plainBytes > RATIO * readBytes)
      throw new EngineError(
        'invalid',
        'archive.too-large',
        `the archive is past the limit of ${RATIO} bytes for each compressed one`,
        { params: { ratio: RATIO } },
      );
    yield bytes;
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

async function* throughZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* inflateZstd(source);
  } catch (error) {
    throw isEngineError(error) ? error : damaged(error);
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
