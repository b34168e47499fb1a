import { spawn } from 'node:child_process';
import { Duplex, pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EngineError } from '#domain/error/engine-error.ts';
import { COMPRESSION_PROBE_BYTES, detectCompression } from '#formats/compression/detect.ts';
import { inflateZstd } from '#formats/compression/inflate-zstd.ts';

import type { Compression } from '#formats/compression/detect.ts';

/** An uploaded archive, decompressed as its first bytes say. `invalid` code `tar.corrupt` where it is damaged. */
export async function* inflateUpload(
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const source = content[Symbol.asyncIterator]();
  const first = await probe(source);
  const compression = detectCompression(first);
  const whole = withFirst(first, source);
  if (compression === 'plain') return yield* whole;
  try {
    yield* compression === 'zstd' ? inflateZstd(whole) : through(whole, decoderFor(compression));
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError('invalid', 'tar.corrupt', 'unexpected EOF', { cause });
  }
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  decoder: Duplex,
): AsyncGenerator<Uint8Array, void, void> {
  let failed: unknown;
  pipeline(Readable.from(source, { objectMode: false }), decoder, (error) => void (failed = error));
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
  } catch (error) {
    throw failed ?? error;
  }
}

const probe = async (source: AsyncIterator<Uint8Array>): Promise<Buffer> => {
  let bytes = Buffer.alloc(0);
  while (bytes.length < COMPRESSION_PROBE_BYTES) {
    const next = await source.next();
    if (next.done === true) break;
    bytes = Buffer.concat([bytes, next.value]);
  }
  return bytes;
};

async function* withFirst(
  first: Buffer,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (first.length > 0) yield first;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

const decoderFor = (compression: Exclude<Compression, 'plain' | 'zstd'>): Duplex => {
  if (compression === 'gzip') return createGunzip();
  const child = spawn(compression, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exit = Promise.withResolvers<void>();
  child.once('error', exit.reject);
  child.once('close', (code) =>
    code === 0 ? exit.resolve() : exit.reject(new Error(`${compression}: ${code}`)),
  );
  exit.promise.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  const output = async function* (): AsyncGenerator<unknown, void, void> {
    yield* child.stdout;
    await exit.promise;
  };
  const decoder = Duplex.from({ writable: child.stdin, readable: output() });
  decoder.once('close', () => child.kill('SIGKILL'));
  return decoder;
};
