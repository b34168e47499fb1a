import { randomBytes } from 'node:crypto';
import { close, constants, openSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EngineError } from '#domain/error/engine-error.ts';
import { codeOf } from './layer-error.ts';
import { shortName } from './layer-links.ts';
import { hexOf } from './layer-store.ts';
import { isMountPoint, NO_LAYERS, readLowers } from './root-tasks.ts';

import type { Ground } from '#domain/container/mounts/root-ground.ts';
import type { ChainId } from '#domain/value/flavor.ts';
import type { FileThreads } from './file-threads.ts';
import type { OverlayFolders } from './folders.ts';
import type { RootPlace } from './root-tasks.ts';

/** O_PATH: holds a mount without opening anything. */
const HOLD = constants.O_DIRECTORY | 0o10000000;

const closeDescriptor = promisify(close);

type Parts = {
  readonly folders: OverlayFolders;
  readonly threads: FileThreads;
  readonly onWarning: (text: string) => void;
  readonly discard: (path: string) => void;
};

/** Writable roots of containers: `roots/<id>/{upper,work,layers}`, mounted at `mounts/<id>`. */
export class RootStore {
  readonly #parts: Parts;
  /** What was asked for last: the mount itself follows a moment later. */
  readonly #intents = new Map<string, 'mounted' | 'unmounted'>();
  /** Roots that archives are made of: they stay mounted until these are done. */
  readonly #held = new Map<string, { users: number; unmountAfter: boolean }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async create(id: string, layers: readonly ChainId[], ground: readonly Ground[]): Promise<void> {
    // The topmost layer comes first in the mount option.
    const lowers = layers.toReversed().map((chainId) => `l/${shortName(hexOf(chainId))}`);
    await this.#parts.threads.quick.call('createRoot', {
      ...this.placeOf(id),
      lowers: lowers.length === 0 ? NO_LAYERS : lowers.join(':'),
      ground,
    });
  }

  async mount(id: string): Promise<string> {
    const place = this.placeOf(id);
    this.#intents.set(id, 'mounted');
    const held = this.#held.get(id);
    if (held !== undefined) held.unmountAfter = false;
    await this.#parts.threads.quick.call('mountRoot', place);
    return place.merged;
  }

  /** One mount for all: two of the same writable layer would not see each other's changes. */
  async hold(id: string): Promise<{ path: string; release(): Promise<void> }> {
    const place = this.placeOf(id);
    const held = this.#held.get(id) ?? { users: 0, unmountAfter: !this.#isWanted(place) };
    held.users += 1;
    this.#held.set(id, held);
    const release = async (): Promise<void> => {
      held.users -= 1;
      if (held.users > 0 || this.#held.get(id) !== held) return;
      this.#held.delete(id);
      if (held.unmountAfter) await this.unmount(id);
    };
    try {
      await this.#parts.threads.quick.call('mountRoot', place);
    } catch (error) {
      await release();
      throw error;
    }
    return { path: place.merged, release };
  }

  #isWanted({ id, merged }: RootPlace): boolean {
    const intent = this.#intents.get(id);
    return intent === undefined ? isMountPoint(merged) : intent === 'mounted';
  }

  async unmount(id: string): Promise<void> {
    this.#intents.set(id, 'unmounted');
    const held = this.#held.get(id);
    if (held !== undefined) {
      held.unmountAfter = true;
      return;
    }
    const { merged } = this.placeOf(id);
    const release = this.#hold(merged);
    await this.#parts.threads.quick.call('detachRoot', { merged });
    await release();
  }

  async remove(id: string): Promise<void> {
    const { folders, threads, onWarning, discard } = this.#parts;
    const { merged } = this.placeOf(id);
    this.#held.delete(id);
    this.#intents.delete(id);
    const trash = join(folders.trash, `${id}-${randomBytes(6).toString('hex')}`);
    const release = this.#hold(merged);
    const wasThere = await threads.quick.call('discardRoot', {
      merged,
      from: join(folders.roots, id),
      to: trash,
    });
    const cleanUp = release().catch((error: unknown) => onWarning(`unmounting root ${id}: ${String(error)}`));
    if (wasThere) void cleanUp.then(() => discard(trash));
  }

  async list(): Promise<{ id: string; mounted: boolean }[]> {
    const names = await readdir(this.#parts.folders.roots);
    return names
      .filter((name) => !name.startsWith('.'))
      .map((id) => ({ id, mounted: isMountPoint(this.placeOf(id).merged) }));
  }

  describe(id: string): Readonly<Record<string, string>> {
    const { folders } = this.#parts;
    const { merged } = this.placeOf(id);
    const layers = this.layersOf(id).toReversed();
    const lower = layers.map((chainId) => join(folders.layers, hexOf(chainId), 'diff'));
    return {
      LowerDir: lower.length === 0 ? join(folders.base, NO_LAYERS) : lower.join(':'),
      MergedDir: merged,
      UpperDir: join(folders.roots, id, 'upper'),
      WorkDir: join(folders.roots, id, 'work'),
    };
  }

  /** Its writable layer, and its image's from the top down. */
  foldersOf(id: string): { upper: string; lowers: string[] } {
    const { folders } = this.#parts;
    const lowers = this.layersOf(id).toReversed();
    return {
      upper: join(folders.roots, id, 'upper'),
      lowers: lowers.map((chainId) => join(folders.layers, hexOf(chainId), 'diff')),
    };
  }

  /** Layers of a root, base first; `not-found`, code `root.not-found`. */
  layersOf(id: string): ChainId[] {
    const { folders } = this.#parts;
    const lowers = readLowers(folders.base, this.placeOf(id).id);
    if (lowers === NO_LAYERS) return [];
    return lowers
      .split(':')
      .map((link) => `sha256:${basename(dirname(readlinkSync(join(folders.base, link))))}`)
      .toReversed();
  }

  placeOf(id: string): RootPlace {
    // Ids name folders and stand in mount options.
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(id))
      throw new EngineError('invalid', 'root.bad-id', `no id for a root: ${id}`, { params: { id } });
    const { base, mounts } = this.#parts.folders;
    return { folder: base, id, merged: join(mounts, id) };
  }

  /**
   * The last reference to a mount waits for its file system to be flushed. Held here, it is let go in
   * libuv's pool, and the thread that unmounts is free at once.
   */
  #hold(merged: string): () => Promise<void> {
    try {
      const descriptor = openSync(merged, HOLD);
      return () => closeDescriptor(descriptor);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      return () => Promise.resolve();
    }
  }
}
