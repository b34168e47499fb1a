import { randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Digest } from '#domain/value/flavor.ts';
import type { IngestOptions } from '#engine/ports/content-store.ts';
import { untilAborted } from '#lib/gate.ts';
import {
  blobFile,
  digestFrom,
  ensureFolders,
  hexOf,
  partialFile,
  syncFolder,
  unlessMissing,
} from './blob-paths.ts';
import type { BlobPaths } from './blob-paths.ts';
import { HashingFile } from './hashing-file.ts';

const PROGRESS_INTERVAL_MS = 50;

export type Ingested = { readonly digest: Digest; readonly sizeBytes: number };

/** Stores a stream; see `ContentStore.ingest`. The caller holds the lock of `options.expected`. */
export const ingest = async (
  paths: BlobPaths,
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<Ingested> => {
  await ensureFolders(paths);
  const { expected } = options;
  const temporary =
    expected === undefined ? join(paths.ingest, `${randomUUID()}.tmp`) : partialFile(paths, expected);
  await checkResume(temporary, options);
  let isWhole = false;
  const file = await HashingFile.open(temporary, options.resumeFrom ?? 0);
  try {
    await receive(file, source, options);
    isWhole = true;
    const digest = digestFrom(await file.finish());
    checkDigest(digest, expected);
    await file.close();
    await publish(paths, temporary, digest);
    return { digest, sizeBytes: file.bytes };
  } catch (error) {
    // Whole and wrong, or nameless: nothing to resume from.
    const isResumable = !isWhole && expected !== undefined;
    await (isResumable ? keep(file) : discard(file, temporary));
    throw error;
  }
};

/** The finished file gets its name; another ingest of the same bytes may have been faster. */
const publish = async (paths: BlobPaths, temporary: string, digest: Digest): Promise<void> => {
  await rename(temporary, blobFile(paths, digest));
  await syncFolder(paths.blobs);
};

const receive = async (
  file: HashingFile,
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<void> => {
  let reportedAt = 0;
  for await (const chunk of abortable(source, options.signal)) {
    await file.append(chunk);
    const now = performance.now();
    if (options.onProgress === undefined || now - reportedAt < PROGRESS_INTERVAL_MS) continue;
    reportedAt = now;
    options.onProgress(file.bytes);
  }
  options.signal?.throwIfAborted();
};

/**
 * Stops waiting for the source when the signal aborts: a source that hangs must not hold us.
 * Errors: `cancelled`, code `ingest.cancelled`.
 */
async function* abortable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const iterator: AsyncIterator<Uint8Array, unknown> = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await untilAborted(iterator.next(), signal);
      if (step === undefined) throw cancelled(signal?.reason);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    // Not awaited: a source that hangs in `next` would hang here too.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

const cancelled = (cause: unknown): EngineError =>
  new EngineError('cancelled', 'ingest.cancelled', 'storing the blob was cancelled', { cause });

const checkResume = async (temporary: string, { expected, resumeFrom = 0 }: IngestOptions): Promise<void> => {
  if (resumeFrom === 0) return;
  const kept = expected === undefined ? undefined : await unlessMissing(stat(temporary));
  if (kept !== undefined && kept.size >= resumeFrom) return;
  throw new EngineError('invalid', 'blob.resume', `no ${resumeFrom} bytes are kept to resume from`, {
    params: { resumeFrom },
  });
};

const checkDigest = (actual: Digest, expected: Digest | undefined): void => {
  if (expected === undefined || hexOf(expected) === hexOf(actual)) return;
  throw new EngineError(
    'invalid',
    'blob.digest-mismatch',
    `blob has digest ${actual} instead of ${expected}`,
    { params: { actual, expected } },
  );
};

const keep = async (file: HashingFile): Promise<void> => {
  // The first failure is the one to tell; what reached the file so far can still be resumed.
  await file.settle().catch(() => undefined);
  await file.close();
};

const discard = async (file: HashingFile, temporary: string): Promise<void> => {
  await file.close().catch(() => undefined);
  await rm(temporary, { force: true });
};
