import { closeSync, constants, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { copyNature } from './copy-tree.ts';
import { parentOf } from './layer-path.ts';
import { inside, LayerStack, statsAt } from './layer-stack.ts';

import type { Ground } from '#domain/container/mounts/root-ground.ts';
import type { LayerPath } from './layer-path.ts';
import type { Found } from './layer-stack.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/**
 * Fills a writable layer that is not mounted yet. Files take the place of what the layers below have there, unless
 * that is a directory; directories on the way are as below, or 0755.
 */
export const layGround = (upper: string, below: readonly string[], ground: readonly Ground[]): void =>
  new Laying(upper, below).run(ground);

class Laying {
  readonly #upper: Buffer;
  readonly #below: LayerStack;
  readonly #inherited = new Map<LayerPath, Found>();

  constructor(upper: string, below: readonly string[]) {
    this.#upper = Buffer.from(upper);
    this.#below = new LayerStack(below);
  }

  run(ground: readonly Ground[]): void {
    for (const item of ground) this.#lay(item);
    // Last: what is put into a directory changes its time.
    const root = this.#below.see('');
    if (root !== undefined) this.#inherited.set('', root);
    for (const [path, { native, stats }] of this.#inherited) copyNature(native, this.#own(path), stats);
  }

  #lay(item: Ground): void {
    if (this.#below.see(item.path)?.stats.isDirectory() === true) return;
    if (item.kind === 'directory') return this.#makeDirectory(item.path);
    this.#makeDirectory(parentOf(item.path));
    if (item.kind === 'link') symlinkSync(item.target, this.#own(item.path));
    else closeSync(openSync(this.#own(item.path), NEW_FILE, 0o755));
  }

  #makeDirectory(path: LayerPath): void {
    if (path === '' || statsAt(this.#own(path)) !== undefined) return;
    this.#makeDirectory(parentOf(path));
    mkdirSync(this.#own(path), 0o755);
    const lower = this.#below.see(path);
    if (lower?.stats.isDirectory() === true) this.#inherited.set(path, lower);
  }

  #own(path: LayerPath): Buffer {
    return inside(this.#upper, path);
  }
}
