import { spawn } from 'node:child_process';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { Duplex, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { COMPRESSION_PROBE_BYTES, detectCompression } from '#formats/compression/detect.ts';
import { inflateZstd } from '#formats/compression/inflate-zstd.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { codeOf, layerCorrupt } from './layer-error.ts';

import type { ReadStream } from 'node:fs';
import type { Compression } from '#formats/compression/detect.ts';

const READ_BYTES = 256 * 1024;
/** Large pieces: each costs a turn of the event loop and one call of the hash. */
const INFLATED_BYTES = 256 * 1024;
/** Lets the inflating thread run ahead of the one that writes files. */
const AHEAD_BYTES = 4 * INFLATED_BYTES;

/** A blob being read, decompressed on the way. */
export type Uncompressed = {
  readonly compression: Compression;
  /** Throws `invalid`, code `layer.corrupt`, on damaged input. Take it once. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes of the blob read so far. */
  readBytes(): number;
  /** Ends reading, children included; needed only when `chunks` was not read to its end. */
  close(): void;
};

/**
 * Opens a blob and finds its compression by its first bytes. gzip and zstd are inflated in libuv's pool;
 * bzip2 and xz by the commands of these names (`unsupported`, code `layer.no-decompressor`, without them).
 */
export const openUncompressed = (blobPath: string): Uncompressed => {
  const descriptor = openSync(blobPath, 'r');
  const first = Buffer.alloc(COMPRESSION_PROBE_BYTES);
  let compression: Compression;
  try {
    const length = readSync(descriptor, first, 0, first.length, 0);
    compression = detectCompression(first.subarray(0, length));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  const source = createReadStream('', { fd: descriptor, start: 0, highWaterMark: READ_BYTES });
  return {
    compression,
    chunks: readChunks(inflate(source, compression)),
    readBytes: () => source.bytesRead,
    close: () => source.destroy(),
  };
};

const inflate = (source: ReadStream, compression: Compression): AsyncIterable<unknown> => {
  const options = { chunkSize: INFLATED_BYTES, readableHighWaterMark: AHEAD_BYTES };
  if (compression === 'plain') return source;
  if (compression === 'zstd') return inflateZstd(source as AsyncIterable<Buffer>, options);
  const decoder = compression === 'gzip' ? createGunzip(options) : commandDecoder(compression);
  // A failure of the source reaches the reader through the decoder, which pipeline destroys with the same error.
  pipeline(source, decoder, () => undefined);
  return decoder;
};

async function* readChunks(output: AsyncIterable<unknown>): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const chunk of output) yield chunk as Buffer;
  } catch (error) {
    throw toCorrupt(error);
  }
}

const toCorrupt = (error: unknown): unknown => {
  const code = codeOf(error);
  if (code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return layerCorrupt('unexpected EOF', error);
  if (!/^Z_|^ZSTD_|^zstd\./.test(code)) return error;
  return layerCorrupt(`cannot decompress: ${error instanceof Error ? error.message : code}`, error);
};

/** `bzip2 -dc` or `xz -dc` as a stream: what is written goes to the child, what is read comes from it. */
const commandDecoder = (command: 'bzip2' | 'xz'): Duplex => {
  const child = spawn(command, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(0, 500);
  });
  // The child may end before it has read everything; its exit code says whether that was right.
  child.stdin.on('error', () => undefined);
  const exit = exitOf(child, command, () => complaint);
  // A reader that leaves early never asks how the child ended.
  exit.catch(() => undefined);
  const decoder = Duplex.from({ writable: child.stdin, readable: untilExit(child.stdout, exit) });
  decoder.once('close', () => child.kill('SIGKILL'));
  return decoder;
};

async function* untilExit(
  output: AsyncIterable<unknown>,
  exit: Promise<void>,
): AsyncGenerator<unknown, void, void> {
  yield* output;
  await exit;
}

const exitOf = async (
  child: ReturnType<typeof spawn>,
  command: string,
  complaint: () => string,
): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', (cause) =>
    reject(
      new EngineError(
        'unsupported',
        'layer.no-decompressor',
        `the command ${command} is needed for this layer`,
        {
          params: { command },
          cause,
        },
      ),
    ),
  );
  child.once('close', (code) =>
    code === 0 ? resolve() : reject(layerCorrupt(`${command}: ${complaint().trim() || 'failed'}`)),
  );
  // Whoever reads the output learns of it; nobody reads once the decoder was closed.
  promise.catch(() => undefined);
  return promise;
};
