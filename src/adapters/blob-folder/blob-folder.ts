import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import { isDigest } from '#domain/image/reference.ts';
import type { Digest } from '#domain/value/flavor.ts';
import type { ContentStore, IngestOptions } from '#engine/ports/content-store.ts';
import { KeyedLock } from '#lib/keyed-lock.ts';
import {
  blobFile,
  blobPathsOf,
  digestFrom,
  ensureFolders,
  hexOf,
  partialFile,
  unlessMissing,
} from './blob-paths.ts';
import type { BlobPaths } from './blob-paths.ts';
import { ingest } from './ingest.ts';
import type { Ingested } from './ingest.ts';

/** What `read` takes into memory at most. */
const READ_LIMIT_BYTES = 32 * 1024 * 1024;
const STREAM_CHUNK_BYTES = 256 * 1024;
/** A pull that is tried again goes on where it was; one that is not leaves its bytes behind. */
const PARTIAL_LIFE_MS = 60 * 60 * 1000;
const SWEEP_EVERY_MS = 10 * 60 * 1000;

/** Blobs under `dataRoot` (absolute; made when missing). One instance per data root. */
export const createBlobFolder = ({ dataRoot, sweepEveryMs = SWEEP_EVERY_MS }: Options): ContentStore =>
  new BlobFolder(blobPathsOf(dataRoot), sweepEveryMs);

type Options = {
  readonly dataRoot: string;
  /** How often what nobody goes on with is looked for. Default: ten minutes. */
  readonly sweepEveryMs?: number;
};

class BlobFolder implements ContentStore {
  readonly #paths: BlobPaths;
  /** One ingest per digest at a time: they share a partial file. */
  readonly #ingests = new KeyedLock();

  readonly #sweepEveryMs: number;
  #sweeps: NodeJS.Timeout | undefined;

  constructor(paths: BlobPaths, sweepEveryMs: number) {
    this.#paths = paths;
    this.#sweepEveryMs = sweepEveryMs;
  }

  async stat(digest: Digest): Promise<{ sizeBytes: number } | undefined> {
    const found = await unlessMissing(stat(this.pathOf(digest)));
    return found === undefined ? undefined : { sizeBytes: found.size };
  }

  async read(digest: Digest): Promise<Uint8Array> {
    const found = await this.stat(digest);
    if (found === undefined) throw notFound(digest);
    if (found.sizeBytes > READ_LIMIT_BYTES) {
      throw new EngineError('invalid', 'blob.too-large', `blob ${digest} is too large to be read at once`, {
        params: { digest, sizeBytes: found.sizeBytes },
      });
    }
    const bytes = await unlessMissing(readFile(this.pathOf(digest)));
    if (bytes === undefined) throw notFound(digest);
    return bytes;
  }

  pathOf(digest: Digest): string {
    return blobFile(this.#paths, digest);
  }

  async *stream(digest: Digest): AsyncGenerator<Uint8Array, void, void> {
    const handle = await unlessMissing(open(this.pathOf(digest), 'r'));
    if (handle === undefined) throw notFound(digest);
    const bytes: AsyncIterable<Uint8Array> = createReadStream('', {
      fd: handle,
      highWaterMark: STREAM_CHUNK_BYTES,
    });
    yield* bytes;
  }

  async write(bytes: Uint8Array): Promise<Digest> {
    const digest = digestFrom(createHash('sha256').update(bytes).digest('hex'));
    await this.ingest(once(bytes), { expected: digest });
    return digest;
  }

  async partialSize(digest: Digest): Promise<number> {
    return (await unlessMissing(stat(partialFile(this.#paths, digest))))?.size ?? 0;
  }

  async ingest(source: AsyncIterable<Uint8Array>, options: IngestOptions): Promise<Ingested> {
    const { expected, signal } = options;
    if (expected === undefined) return ingest(this.#paths, source, options);
    const work = async (): Promise<Ingested> => {
      const present = await this.stat(expected);
      if (present === undefined) return ingest(this.#paths, source, options);
      await source[Symbol.asyncIterator]().return?.();
      return { digest: expected, sizeBytes: present.sizeBytes };
    };
    return this.#ingests.run(hexOf(expected), work, signal === undefined ? {} : { signal });
  }

  async remove(digest: Digest): Promise<void> {
    await rm(this.pathOf(digest), { force: true });
  }

  async list(): Promise<Digest[]> {
    const names = (await unlessMissing(readdir(this.#paths.blobs))) ?? [];
    return names.map(digestFrom).filter(isDigest);
  }

  async recover(): Promise<void> {
    await ensureFolders(this.#paths);
    for (const name of await readdir(this.#paths.ingest)) {
      const path = join(this.#paths.ingest, name);
      if (!(await isYoungPartial(path))) await rm(path, { force: true });
    }
    if (this.#sweeps !== undefined) return;
    this.#sweeps = setInterval(() => {
      // What cannot be removed now is tried again.
      this.#sweepPartials().catch(() => undefined);
    }, this.#sweepEveryMs).unref();
  }

  /** Those that an ingest is at are young, or locked. */
  async #sweepPartials(): Promise<void> {
    for (const name of await readdir(this.#paths.ingest)) {
      const path = join(this.#paths.ingest, name);
      if (!name.endsWith('.partial') || (await isYoungPartial(path))) continue;
      await this.#ingests.run(name.slice(0, -'.partial'.length), async () => {
        if (!(await isYoungPartial(path))) await rm(path, { force: true });
      });
    }
  }
}

const isYoungPartial = async (path: string): Promise<boolean> => {
  if (!path.endsWith('.partial')) return false;
  const found = await unlessMissing(stat(path));
  return found !== undefined && Date.now() - found.mtimeMs < PARTIAL_LIFE_MS;
};

const notFound = (digest: Digest): EngineError =>
  new EngineError('not-found', 'blob.not-found', `no such blob: ${digest}`, { params: { digest } });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
