import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import { isDigest } from '#domain/image/reference.ts';
import type { Digest } from '#domain/value/flavor.ts';

const ALGORITHM = 'sha256';

/** Where things lie under the data root. */
export type BlobPaths = {
  readonly blobs: string;
  readonly ingest: string;
};

export const blobPathsOf = (dataRoot: string): BlobPaths => ({
  blobs: join(dataRoot, 'blobs', ALGORITHM),
  ingest: join(dataRoot, 'ingest'),
});

/** Digests come from strangers and become file names: nothing but 64 hex digits passes. */
export const hexOf = (digest: Digest): string => {
  if (!isDigest(digest)) {
    throw new EngineError('invalid', 'digest.invalid', `invalid digest: "${digest}"`, {
      params: { digest },
    });
  }
  return digest.slice(ALGORITHM.length + 1);
};

export const digestFrom = (hex: string): Digest => `${ALGORITHM}:${hex}`;

export const blobFile = (paths: BlobPaths, digest: Digest): string => join(paths.blobs, hexOf(digest));

export const partialFile = (paths: BlobPaths, digest: Digest): string =>
  join(paths.ingest, `${hexOf(digest)}.partial`);

export const ensureFolders = async (paths: BlobPaths): Promise<void> => {
  await mkdir(paths.blobs, { recursive: true, mode: 0o700 });
  await mkdir(paths.ingest, { recursive: true, mode: 0o700 });
};

/** Makes a rename inside the folder durable. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The value, or undefined when the file is not there. */
export const unlessMissing = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};
