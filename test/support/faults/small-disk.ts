import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEGABYTE = 1024 * 1024;

/** A file system of its own, in a file, that can be filled to the last block and the last inode. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gantry-disk-'));

  constructor(options: { readonly megabytes: number; readonly inodes?: number }) {
    this.path = join(this.#folder, 'disk');
    const image = join(this.#folder, 'image');
    writeFileSync(image, '');
    truncateSync(image, options.megabytes * MEGABYTE);
    mkdirSync(this.path);
    const inodes = options.inodes === undefined ? [] : ['-N', String(options.inodes)];
    execFileSync('mkfs.ext4', ['-q', '-m', '0', ...inodes, image]);
    execFileSync('mount', ['-o', 'loop', image, this.path]);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  get freeInodes(): number {
    return statfsSync(this.path).ffree;
  }

  /** Leaves at most so many bytes; the way back is `free`. */
  fill(leaveBytes: number): void {
    const bytes = Math.max(0, this.freeBytes - leaveBytes);
    execFileSync('fallocate', ['-l', String(Math.floor(bytes / 4096) * 4096), this.#filling]);
  }

  /** To the last block, also those that something gives back while we fill. */
  fillWhole(): void {
    const before = statfsSync(this.path).bavail;
    if (before > 256) this.fill(MEGABYTE / 2);
    for (let number = 0; this.freeBytes > 0 && number < 100; number += 1) {
      try {
        writeFileSync(
          join(this.path, `rest-${number}`),
          Buffer.alloc(Math.min(4 * MEGABYTE, this.freeBytes)),
        );
      } catch {
        // That is the point.
      }
    }
  }

  useInodes(): void {
    const folder = join(this.path, 'inodes');
    mkdirSync(folder, { recursive: true });
    try {
      for (let number = 0; ; number += 1) writeFileSync(join(folder, String(number)), '');
    } catch {
      // That is the point.
    }
  }

  free(): void {
    for (const name of ['filling', 'inodes']) rmSync(join(this.path, name), { recursive: true, force: true });
    for (let number = 0; number < 100; number += 1)
      rmSync(join(this.path, `rest-${number}`), { force: true });
  }

  get #filling(): string {
    return join(this.path, 'filling');
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.path]);
    rmSync(this.#folder, { recursive: true });
  }
}
