import type { BigIntStats } from 'node:fs';

/** First names of files that have several. */
export class LinkNames {
  readonly #first = new Map<string, Buffer>();

  /** The name under which the file was written before; else it is remembered under this one. */
  earlier(stats: BigIntStats, path: Buffer): Buffer | undefined {
    if (stats.isDirectory() || stats.nlink < 2n) return undefined;
    const key = `${stats.dev}:${stats.ino}`;
    const first = this.#first.get(key);
    if (first === undefined) this.#first.set(key, path);
    return first;
  }
}
