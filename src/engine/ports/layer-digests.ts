import type { DiffId } from '#domain/value/flavor.ts';

/** Digests of archives before they have a place: import and old save formats need the DiffID first. */
export interface LayerDigests {
  /** DiffID (digest of the uncompressed tar) of a blob file, compression found by its first bytes. */
  diffIdOf(
    blobPath: string,
    signal?: AbortSignal,
  ): Promise<{ diffId: DiffId; mediaType: string; tarBytes: number }>;
  /** The uncompressed tar of a blob file, as a stream. */
  uncompressed(blobPath: string): AsyncIterable<Uint8Array>;
}
