import type { Digest } from '#domain/value/flavor.ts';

/**
 * Content-addressed blobs (OCI layout). A blob that exists is complete and its digest was checked:
 * it is written under a temporary name, fsynced and renamed. Concurrent ingests of one digest are
 * safe; the second finds the first's blob.
 */
export interface ContentStore {
  stat(digest: Digest): Promise<{ sizeBytes: number } | undefined>;
  /** Whole small blob (manifests, configs); `not-found` when missing, `invalid` past 32 MiB. */
  read(digest: Digest): Promise<Uint8Array>;
  /** Absolute path for readers on this machine (layer unpacking). */
  pathOf(digest: Digest): string;
  stream(digest: Digest): AsyncIterable<Uint8Array>;
  /** Stores small content. */
  write(bytes: Uint8Array): Promise<Digest>;
  /** Bytes kept of an interrupted ingest of this digest; 0 when none. */
  partialSize(digest: Digest): Promise<number>;
  /**
   * Stores a stream. With `expected` the digest is checked (`invalid`, code `blob.digest-mismatch`) and an
   * interrupted ingest keeps its bytes for `resumeFrom`; without it the digest is what comes out.
   * `resumeFrom` continues after that many kept bytes. Aborting keeps partial bytes and rejects `cancelled`.
   */
  ingest(
    source: AsyncIterable<Uint8Array>,
    options: IngestOptions,
  ): Promise<{ digest: Digest; sizeBytes: number }>;
  remove(digest: Digest): Promise<void>;
  list(): Promise<Digest[]>;
  /** Drops temporary files of ingests that died with an earlier daemon, except resumable ones younger than a day. */
  recover(): Promise<void>;
}

export type IngestOptions = {
  readonly expected?: Digest;
  readonly resumeFrom?: number;
  readonly signal?: AbortSignal;
  /** Bytes stored so far, kept ones included. Called at most every 50 ms. */
  readonly onProgress?: (bytes: number) => void;
};
