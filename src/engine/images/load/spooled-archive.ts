import type { Digest } from '#domain/value/flavor.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { malformedImage } from '#formats/oci-image/malformed.ts';
import { readContent, readTar } from '#formats/tar/read-tar.ts';
import type { TarStreamEntry } from '#formats/tar/read-tar.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { blobKey } from '#engine/images/leases.ts';
import { sweep } from '#engine/images/sweep.ts';
import { archivePath, followLinks, linkTarget } from './archive-path.ts';

/** Descriptions and configurations are small: they wait in memory, layers in the store. */
const SMALL_FILE_BYTES = 256 * 1024;
const MEMORY_LIMIT_BYTES = 64 * 1024 * 1024;
const MAX_ENTRIES = 100_000;

type Place = { readonly bytes: Uint8Array } | { readonly digest: Digest; readonly sizeBytes: number };

export type SpooledBlob = { readonly digest: Digest; readonly sizeBytes: number };

/** An archive that was read to its end once; its files are found by path afterwards. */
export class SpooledArchive implements AsyncDisposable {
  readonly #world: ImagesContext;
  readonly #places = new Map<string, Place>();
  readonly #links = new Map<string, string>();
  readonly #blobs = new Set<Digest>();
  readonly #leases: Disposable[] = [];
  #memoryBytes = 0;

  private constructor(world: ImagesContext) {
    this.#world = world;
  }

  /** Errors: those of the source and of `readTar`; `image.malformed` for entries an image has no use for. */
  static async read(
    world: ImagesContext,
    plain: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<SpooledArchive> {
    const archive = new SpooledArchive(world);
    try {
      for await (const entry of readTar(plain, { entries: MAX_ENTRIES })) {
        signal.throwIfAborted();
        await archive.#take(entry, signal);
      }
      return archive;
    } catch (error) {
      await archive[Symbol.asyncDispose]();
      throw signal.aborted ? loadCancelled(signal) : error;
    }
  }

  has(path: string): boolean {
    return this.#places.has(followLinks(path, this.#links));
  }

  paths(): readonly string[] {
    return [...this.#places.keys(), ...this.#links.keys()];
  }

  /** A small file whole. Errors: `image.malformed` when it is not there. */
  async read(path: string): Promise<Uint8Array> {
    const place = this.#find(path);
    return 'bytes' in place ? place.bytes : this.#world.content.read(place.digest);
  }

  /** Errors: `image.malformed` when it is not there. */
  sizeOf(path: string): number {
    const place = this.#find(path);
    return 'bytes' in place ? place.bytes.length : place.sizeBytes;
  }

  /** A file as a blob of the store, held until the archive is disposed. */
  async blob(path: string): Promise<SpooledBlob> {
    const place = this.#find(path);
    if ('digest' in place) return place;
    const digest = await this.#world.content.write(place.bytes);
    await this.#hold(digest);
    return { digest, sizeBytes: place.bytes.length };
  }

  /** Lets go of the blobs; those that no image took over are removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const lease of this.#leases.splice(0)) lease[Symbol.dispose]();
    await sweep(this.#world, { chainIds: [], blobs: [...this.#blobs] });
  }

  #find(path: string): Place {
    const place = this.#places.get(followLinks(path, this.#links));
    if (place === undefined) throw malformedImage(`archive has no ${path.slice(0, 200)}`);
    return place;
  }

  async #take(entry: TarStreamEntry, signal: AbortSignal): Promise<void> {
    const path = archivePath(entry.path.toString());
    switch (entry.kind) {
      case 'file':
        this.#links.delete(path);
        this.#places.set(path, await this.#store(entry, signal));
        return;
      case 'symlink':
        this.#links.set(path, linkTarget(path, entry.linkPath.toString()));
        return;
      case 'hard-link':
        this.#links.set(path, archivePath(entry.linkPath.toString()));
        return;
      case 'directory':
      case 'other':
        return;
      default:
        throw malformedImage(`archive holds a ${entry.kind}: ${path.slice(0, 200)}`);
    }
  }

  async #store(entry: TarStreamEntry, signal: AbortSignal): Promise<Place> {
    const isSmall = entry.sizeBytes <= SMALL_FILE_BYTES;
    if (isSmall && this.#memoryBytes + entry.sizeBytes <= MEMORY_LIMIT_BYTES) {
      this.#memoryBytes += entry.sizeBytes;
      return { bytes: await readContent(entry) };
    }
    const blob = await this.#world.content.ingest(entry.content, { signal });
    await this.#hold(blob.digest);
    return blob;
  }

  async #hold(digest: Digest): Promise<void> {
    this.#blobs.add(digest);
    this.#leases.push(await this.#world.leases.hold([blobKey(digest)]));
  }
}

const loadCancelled = (signal: AbortSignal): EngineError =>
  new EngineError('cancelled', 'load.cancelled', 'loading was cancelled', { cause: signal.reason });
