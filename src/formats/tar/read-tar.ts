import { TarParser } from '#formats/tar/tar-parser.ts';
import { truncated } from '#formats/tar/tar-error.ts';

import type { TarEntry, TarLimits } from '#formats/tar/entry.ts';

/** An entry with its content, to be read (or left) before the next entry is asked for. */
export type TarStreamEntry = TarEntry & { readonly content: AsyncIterable<Buffer> };

type Item =
  | { readonly is: 'entry'; readonly entry: TarEntry }
  | { readonly is: 'data'; readonly bytes: Buffer }
  | { readonly is: 'hole'; left: number }
  | { readonly is: 'entry-end' };

const ZEROS = Buffer.alloc(64 * 1024);

/**
 * Entries of a tar stream, in order. Memory stays at one chunk of the source. Content that was not
 * read is skipped when the next entry is asked for. Holes of sparse files read as zeros.
 * Throws EngineError `invalid`, codes `tar.*`, and whatever the source throws.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: Partial<TarLimits> = {},
): AsyncGenerator<TarStreamEntry, void, void> {
  const items = new ItemSource(source, limits);
  try {
    for (;;) {
      const item = await items.next();
      if (item === undefined) return;
      if (item.is === 'entry') yield { ...item.entry, content: contentOf(items) };
    }
  } finally {
    await items.close();
  }
}

async function* contentOf(items: ItemSource): AsyncGenerator<Buffer, void, void> {
  for (;;) {
    const item = await items.peek();
    // The next entry has come: this content was left behind by its reader.
    if (item === undefined || item.is === 'entry') return;
    if (item.is === 'hole' && item.left > ZEROS.length) {
      item.left -= ZEROS.length;
      yield ZEROS;
      continue;
    }
    await items.next();
    if (item.is === 'entry-end') return;
    yield item.is === 'hole' ? ZEROS.subarray(0, item.left) : item.bytes;
  }
}

/** Turns the parser's calls into a queue that is filled one chunk at a time. */
class ItemSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #parser: TarParser;
  #queue: Item[] = [];
  #at = 0;
  #isClosed = false;

  constructor(source: AsyncIterable<Uint8Array>, limits: Partial<TarLimits>) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#parser = new TarParser(
      {
        onEntry: (entry) => this.#queue.push({ is: 'entry', entry }),
        onData: (buffer, start, end) => this.#queue.push({ is: 'data', bytes: buffer.subarray(start, end) }),
        onHole: (length) => this.#queue.push({ is: 'hole', left: length }),
        onEntryEnd: () => this.#queue.push({ is: 'entry-end' }),
      },
      limits,
    );
  }

  async peek(): Promise<Item | undefined> {
    while (this.#at >= this.#queue.length) if (!(await this.#fill())) return undefined;
    return this.#queue[this.#at];
  }

  async next(): Promise<Item | undefined> {
    const item = await this.peek();
    if (item !== undefined) this.#at += 1;
    return item;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#chunks.return?.();
  }

  /** False at the end of the source. What follows the archive is read and dropped, so that its producer can finish. */
  async #fill(): Promise<boolean> {
    if (this.#isClosed) return false;
    this.#queue = [];
    this.#at = 0;
    const next = await this.#chunks.next();
    if (next.done !== true) {
      this.#parser.write(next.value);
      return true;
    }
    this.#isClosed = true;
    this.#parser.end();
    return false;
  }
}

/** Content of one entry in memory; `tar.truncated` cannot happen here, the reader has thrown it before. */
export const readContent = async (entry: TarStreamEntry): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of entry.content) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== entry.sizeBytes) throw truncated();
  return bytes;
};
