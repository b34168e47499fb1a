import { openUncompressed } from './uncompressed.ts';
import { FileThreads } from './file-threads.ts';
import { overlayFolders } from './folders.ts';
import { LayerStore, runDigest } from './layer-store.ts';
import { RootStore } from './root-store.ts';
import { NO_LAYERS } from './root-tasks.ts';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';

import type { Ground } from '#domain/container/mounts/root-ground.ts';
import type { ChainId, DiffId } from '#domain/value/flavor.ts';
import type { LayerDigests } from '#engine/ports/layer-digests.ts';
import type { Snapshotter, UnpackedLayer, UnpackRequest } from '#engine/ports/snapshotter.ts';
import type { OverlayFolders } from './folders.ts';
import type { LayerLimits } from './task-control.ts';

export type OverlayOptions = {
  /** Layers and roots go to `<dataRoot>/overlay`. */
  readonly dataRoot: string;
  /** Mount points go to `<execRoot>/roots`; without it to `<dataRoot>/overlay/mounts`. */
  readonly execRoot?: string;
  /** Layers unpacked at a time; default 2. */
  readonly workers?: number;
  readonly limits?: Partial<LayerLimits>;
  /** Hears of what was left out or could not be cleaned up. */
  readonly onWarning?: (text: string) => void;
};

/** statfs(2): names as other engines show them. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef_53: 'extfs',
  0x58_46_53_42: 'xfs',
  0x91_23_68_3e: 'btrfs',
  0x01_02_19_94: 'tmpfs',
  0x79_4c_76_30: 'overlayfs',
  0xf2_f5_20_10: 'f2fs',
  0x2f_c1_2f_c1: 'zfs',
};

/** Room for the largest images known, none for an archive bomb. */
export const DEFAULT_LAYER_LIMITS: LayerLimits = {
  layerBytes: 64 * 1024 ** 3,
  entries: 5_000_000,
  ratio: 200,
};

/**
 * Layers and roots on overlayfs. Call `recover` before first use; disposing ends the threads and leaves
 * mounted roots mounted.
 */
export const createOverlay = (options: OverlayOptions): Overlay => new Overlay(options);

export class Overlay implements Snapshotter, LayerDigests, AsyncDisposable {
  readonly driver = 'overlay2';
  readonly #folders: OverlayFolders;
  readonly #threads: FileThreads;
  readonly #layers: LayerStore;
  readonly #roots: RootStore;
  readonly #onWarning: (text: string) => void;
  #preparing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: OverlayOptions) {
    this.#folders = overlayFolders(options.dataRoot, options.execRoot);
    this.#threads = new FileThreads(options.workers ?? 2);
    this.#onWarning = options.onWarning ?? (() => undefined);
    const parts = {
      folders: this.#folders,
      threads: this.#threads,
      limits: { ...DEFAULT_LAYER_LIMITS, ...options.limits },
      onWarning: this.#onWarning,
      discard: (path: string) => this.#discard(path),
    };
    this.#layers = new LayerStore(parts);
    this.#roots = new RootStore(parts);
  }

  async describe(): Promise<readonly (readonly [string, string])[]> {
    await this.#prepare();
    const { type } = await statfs(this.#folders.base);
    return [
      ['Backing Filesystem', FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`],
      // Without it overlayfs refuses the mount.
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ];
  }

  async hasLayer(chainId: ChainId): Promise<boolean> {
    return (await this.#layers.find(chainId)) !== undefined;
  }

  async unpackLayer(request: UnpackRequest): Promise<UnpackedLayer> {
    await this.#prepare();
    return this.#layers.unpack(request);
  }

  async removeLayer(chainId: ChainId): Promise<void> {
    await this.#prepare();
    await this.#layers.remove(chainId);
  }

  async listLayers(): Promise<ChainId[]> {
    await this.#prepare();
    return this.#layers.list();
  }

  async createRoot(id: string, layers: readonly ChainId[], ground: readonly Ground[] = []): Promise<void> {
    await this.#prepare();
    await this.#roots.create(id, layers, ground);
  }

  async mountRoot(id: string): Promise<string> {
    await this.#prepare();
    return this.#roots.mount(id);
  }

  async unmountRoot(id: string): Promise<void> {
    await this.#prepare();
    await this.#roots.unmount(id);
  }

  /** Mounts it and keeps it so, whoever unmounts meanwhile; `release` leaves it as it should be then. */
  async holdRoot(id: string): Promise<{ path: string; release(): Promise<void> }> {
    await this.#prepare();
    return this.#roots.hold(id);
  }

  /** Its writable layer, and its image's from the top down. */
  foldersOf(id: string): { upper: string; lowers: string[] } {
    return this.#roots.foldersOf(id);
  }

  async removeRoot(id: string): Promise<void> {
    await this.#prepare();
    await this.#roots.remove(id);
  }

  async listRoots(): Promise<{ id: string; mounted: boolean }[]> {
    await this.#prepare();
    return this.#roots.list();
  }

  async usage(id: string): Promise<{ writableBytes: number; rootBytes: number }> {
    await this.#prepare();
    const path = join(this.#folders.roots, this.#roots.placeOf(id).id, 'upper');
    const layers = await Promise.all(this.#roots.layersOf(id).map((chainId) => this.#layers.find(chainId)));
    const writableBytes = await this.#threads.walks.run('measure', { path });
    return {
      writableBytes,
      rootBytes: layers.reduce((sum, layer) => sum + (layer?.sizeBytes ?? 0), writableBytes),
    };
  }

  describeRoot(id: string): Readonly<Record<string, string>> {
    return this.#roots.describe(id);
  }

  async readFile(id: string, path: string): Promise<Uint8Array | undefined> {
    return this.#threads.quick.call('readFile', { ...this.#roots.placeOf(id), path });
  }

  async makeDirectory(id: string, path: string): Promise<void> {
    await this.#threads.quick.call('makeDirectory', { ...this.#roots.placeOf(id), path });
  }

  async makeFile(id: string, path: string): Promise<void> {
    await this.#threads.quick.call('makeFile', { ...this.#roots.placeOf(id), path });
  }

  async kindOf(id: string, path: string): Promise<'file' | 'directory' | 'other' | undefined> {
    return this.#threads.quick.call('kindOf', { ...this.#roots.placeOf(id), path });
  }

  async copyOut(id: string, path: string, hostDirectory: string): Promise<void> {
    await this.#threads.walks.run('copyOut', { ...this.#roots.placeOf(id), path, target: hostDirectory });
  }

  async recover(): Promise<void> {
    await this.#prepare();
    const leftovers = await this.#threads.quick.call('recover', this.#folders);
    for (const path of leftovers) this.#discard(path);
  }

  async diffIdOf(
    blobPath: string,
    signal?: AbortSignal,
  ): Promise<{ diffId: DiffId; mediaType: string; tarBytes: number }> {
    return runDigest(this.#threads, blobPath, signal);
  }

  async *uncompressed(blobPath: string): AsyncGenerator<Uint8Array, void, void> {
    const input = openUncompressed(blobPath);
    try {
      yield* input.chunks;
    } finally {
      input.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#preparing !== undefined) {
      await this.#preparing.catch(() => undefined);
      await this.#threads.quick.call('release', { mounts: this.#folders.mounts });
    }
    await this.#threads.close();
  }

  /** Folders and the shared mount, made once. */
  #prepare(): Promise<void> {
    const { base, layers, links, roots, trash, mounts } = this.#folders;
    const folders = [base, layers, links, roots, trash, join(base, NO_LAYERS)];
    this.#preparing ??= this.#threads.quick
      .call('prepare', { folders, shared: mounts })
      .catch((error: unknown) => {
        // The next call tries again.
        this.#preparing = undefined;
        throw error;
      });
    return this.#preparing;
  }

  /** Deletes in the background; what an ending process leaves behind, the next `recover` finds. */
  #discard(path: string): void {
    this.#threads.removals.run('remove', { path }).catch((error: unknown) => {
      if (!this.#isClosed) this.#onWarning(`deleting ${path}: ${String(error)}`);
    });
  }
}
