import type { Ground } from '#domain/container/mounts/root-ground.ts';
import type { ChainId, DiffId } from '#domain/value/flavor.ts';

/**
 * Layers unpacked once, and the writable roots of containers on top of them.
 * A layer that exists is complete: it is unpacked under a temporary name, synced and renamed; a
 * half-made one is never used and is removed by `recover`.
 */
export interface Snapshotter {
  readonly driver: string;
  /** What is to be known of the driver here, for people: names and values. */
  describe(): Promise<readonly (readonly [string, string])[]>;
  hasLayer(chainId: ChainId): Promise<boolean>;
  /**
   * Unpacks a layer tar (plain, gzip, zstd, bzip2 or xz, found by its first bytes) from a file.
   * Computes the DiffId in the same pass; refuses (`invalid`) another than expected, paths that leave the
   * layer, and sizes past the limit. Idempotent by chainId; concurrent calls for one chainId share the work.
   * Layers of one image may come in any order, all at a time: each gets into its place after those below it.
   * What the archive does not say of a directory is as below; hard links may lead there; a deletion leaves a mark
   * only where there is something to delete.
   */
  unpackLayer(request: UnpackRequest): Promise<UnpackedLayer>;
  removeLayer(chainId: ChainId): Promise<void>;
  listLayers(): Promise<ChainId[]>;

  /** Makes a writable root on these layers, base first (none = empty), with this in it. Not mounted yet. */
  createRoot(id: string, layers: readonly ChainId[], ground?: readonly Ground[]): Promise<void>;
  /** Mounts it (idempotent) and returns the absolute path. */
  mountRoot(id: string): Promise<string>;
  unmountRoot(id: string): Promise<void>;
  /** Unmounts and removes; fine when missing. Deletion of files may go on in the background. */
  removeRoot(id: string): Promise<void>;
  listRoots(): Promise<{ id: string; mounted: boolean }[]>;
  /** Bytes in the writable layer and in everything visible. */
  usage(id: string): Promise<{ writableBytes: number; rootBytes: number }>;
  /** Graph driver data for inspect (LowerDir, UpperDir, MergedDir, WorkDir). */
  describeRoot(id: string): Readonly<Record<string, string>>;
  /** A file of a mounted root, links resolved inside the root; undefined when missing. Up to 1 MiB. */
  readFile(id: string, path: string): Promise<Uint8Array | undefined>;
  /** Makes a directory (0755, parents too) inside a mounted root; `conflict` code `rootfs.not-a-directory` if a file is there. */
  makeDirectory(id: string, path: string): Promise<void>;
  /** Makes an empty file (a mount point) with its parents inside a mounted root unless something is there. */
  makeFile(id: string, path: string): Promise<void>;
  /** What is at the path inside the mounted root, last link followed inside it. */
  kindOf(id: string, path: string): Promise<'file' | 'directory' | 'other' | undefined>;
  /** Copies a directory's content, owners and modes into an empty host directory (volume copy-up). */
  copyOut(id: string, path: string, hostDirectory: string): Promise<void>;
  recover(): Promise<void>;
}

export type UnpackRequest = {
  readonly chainId: ChainId;
  readonly expectedDiffId?: DiffId;
  readonly blobPath: string;
  /** Layers it lies on, base first; the call waits for the last of them. */
  readonly below?: readonly ChainId[];
  readonly signal?: AbortSignal;
  /** Compressed bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
};

export type UnpackedLayer = { readonly diffId: DiffId; readonly sizeBytes: number };
