import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Small chunks are gathered to this size: one write call for many. */
const BATCH_BYTES = 512 * 1024;

/**
 * A file that is written from front to back and hashed on the way. Hashing runs on the calling
 * thread in slices of one chunk (0.03 ms for 64 KiB); writing runs beside it, one batch ahead.
 */
export class HashingFile {
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #position = 0;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens, keeps (and hashes) the first `keepBytes`, and drops what lies behind them. */
  static async open(path: string, keepBytes: number): Promise<HashingFile> {
    const file = new HashingFile(await open(path, keepBytes === 0 ? 'w' : 'r+', 0o600));
    try {
      await file.#keep(path, keepBytes);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#position + this.#batchBytes;
  }

  /** The chunk must not change afterwards. */
  async append(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    if (this.#batchBytes >= BATCH_BYTES) await this.#flush();
  }

  /** Everything on the disk, synced; hex digest of it all. */
  async finish(): Promise<string> {
    await this.settle();
    await this.#handle.datasync();
    return this.#hash.digest('hex');
  }

  /** Writes what was gathered, so that it can be resumed. */
  async settle(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  async close(): Promise<void> {
    // Its failure was or will be seen by whoever awaited the write.
    await this.#writing.catch(() => undefined);
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#batch.length === 0) return;
    const [batch, at] = [this.#batch, this.#position];
    this.#position += this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#writing = writeAll(this.#handle, batch, at);
    // The next flush awaits it; this only keeps an early failure from being called unhandled.
    this.#writing.catch(() => undefined);
  }

  async #keep(path: string, keepBytes: number): Promise<void> {
    if (keepBytes > 0) {
      const kept: AsyncIterable<Uint8Array> = createReadStream(path, {
        end: keepBytes - 1,
        highWaterMark: BATCH_BYTES,
      });
      for await (const bytes of kept) {
        this.#hash.update(bytes);
        this.#position += bytes.length;
      }
    }
    await this.#handle.truncate(this.#position);
  }
}

/** `writev` may stop early (a signal, a nearly full disk): what is left is written one by one. */
const writeAll = async (handle: FileHandle, batch: Uint8Array[], at: number): Promise<void> => {
  let { bytesWritten: skip } = await handle.writev(batch, at);
  let position = at + skip;
  for (const chunk of batch) {
    let from = Math.min(skip, chunk.length);
    skip -= from;
    while (from < chunk.length) {
      const { bytesWritten } = await handle.write(chunk, from, chunk.length - from, position);
      from += bytesWritten;
      position += bytesWritten;
    }
  }
};
