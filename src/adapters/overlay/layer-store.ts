import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import { cancelled, codeOf, digestMismatch } from './layer-error.ts';
import { shortName } from './layer-links.ts';
import { CONTROL_BYTES, PROGRESS_WORD, STOP_WORD } from './task-control.ts';

import type { ChainId, DiffId } from '#domain/value/flavor.ts';
import type { UnpackedLayer, UnpackRequest } from '#engine/ports/snapshotter.ts';
import type { FileThreads } from './file-threads.ts';
import type { OverlayFolders } from './folders.ts';
import type { LayerLimits, TaskControl } from './task-control.ts';

const PROGRESS_EVERY_MS = 50;

type Work = {
  readonly result: Promise<UnpackedLayer>;
  readonly control: TaskControl;
  readonly stopping: AbortController;
  /** Callers that still want it. */
  waiting: number;
};

type Parts = {
  readonly folders: OverlayFolders;
  readonly threads: FileThreads;
  readonly limits: LayerLimits;
  readonly onWarning: (text: string) => void;
  readonly discard: (path: string) => void;
};

/** Unpacked layers: `layers/<hex of chain id>/{diff,meta.json}`. */
export class LayerStore {
  readonly #parts: Parts;
  readonly #known = new Map<ChainId, UnpackedLayer>();
  readonly #working = new Map<ChainId, Work>();
  /** Tells each layer that is in its place by now, by chain id. */
  readonly #arrivals = new EventEmitter().setMaxListeners(0);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The layer's record; undefined when there is no such layer. */
  async find(chainId: ChainId): Promise<UnpackedLayer | undefined> {
    const known = this.#known.get(chainId);
    if (known !== undefined) return known;
    try {
      const text = await readFile(join(this.#placeOf(chainId), 'meta.json'), 'utf8');
      const layer = JSON.parse(text) as UnpackedLayer;
      this.#known.set(chainId, layer);
      return layer;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async unpack(request: UnpackRequest): Promise<UnpackedLayer> {
    const { chainId, signal, expectedDiffId } = request;
    if (signal?.aborted === true) throw cancelled();
    const present = (await this.find(chainId)) ?? (await this.#join(request));
    if (expectedDiffId !== undefined && present.diffId !== expectedDiffId)
      throw digestMismatch(expectedDiffId, present.diffId);
    return present;
  }

  async remove(chainId: ChainId): Promise<void> {
    const { folders, discard } = this.#parts;
    this.#known.delete(chainId);
    const trash = join(folders.trash, `${hexOf(chainId)}-${randomBytes(6).toString('hex')}`);
    try {
      await rename(this.#placeOf(chainId), trash);
      await unlink(join(folders.links, shortName(hexOf(chainId))));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    discard(trash);
  }

  async list(): Promise<ChainId[]> {
    const names = await readdir(this.#parts.folders.layers);
    return names.filter((name) => !name.startsWith('.')).map((hex) => `sha256:${hex}`);
  }

  #placeOf(chainId: ChainId): string {
    return join(this.#parts.folders.layers, hexOf(chainId));
  }

  /** Takes part in the work on a layer; the work stops when nobody wants it any more. */
  async #join({ signal, onProgress, ...request }: UnpackRequest): Promise<UnpackedLayer> {
    const work = this.#working.get(request.chainId) ?? this.#start(request);
    work.waiting += 1;
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(cancelled());
    signal?.addEventListener('abort', leave, { once: true });
    const stopReporting = onProgress === undefined ? undefined : report(work.control, onProgress);
    try {
      return await Promise.race([work.result, left.promise]);
    } finally {
      stopReporting?.();
      signal?.removeEventListener('abort', leave);
      work.waiting -= 1;
      if (work.waiting === 0) this.#stop(request.chainId, work);
    }
  }

  #start(request: UnpackRequest): Work {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const stopping = new AbortController();
    const work: Work = {
      control,
      stopping,
      waiting: 0,
      result: this.#run(request, control, stopping.signal),
    };
    this.#working.set(request.chainId, work);
    // Those who wait hear of it; there may be none left.
    work.result.catch(() => undefined).finally(() => this.#forget(request.chainId, work));
    return work;
  }

  #stop(chainId: ChainId, work: Work): void {
    Atomics.store(new Int32Array(work.control), STOP_WORD, 1);
    work.stopping.abort();
    // A later caller must not join work that is being stopped.
    this.#forget(chainId, work);
  }

  /** Until the layer below is in its place, and so all below that one. No thread waits with us. */
  async #wait(chainId: ChainId | undefined, signal: AbortSignal): Promise<void> {
    if (chainId === undefined) return;
    const arrival = once(this.#arrivals, chainId, { signal }).catch(() => {
      throw cancelled();
    });
    arrival.catch(() => undefined);
    if ((await this.find(chainId)) === undefined) await arrival;
    else this.#arrivals.emit(chainId);
  }

  #forget(chainId: ChainId, work: Work): void {
    if (this.#working.get(chainId) === work) this.#working.delete(chainId);
  }

  async #run(
    { chainId, blobPath, expectedDiffId, below = [] }: UnpackRequest,
    control: TaskControl,
    stopping: AbortSignal,
  ): Promise<UnpackedLayer> {
    const { folders, threads, limits, onWarning, discard } = this.#parts;
    const temporary = join(
      folders.layers,
      `.tmp-${hexOf(chainId).slice(0, 12)}-${randomBytes(6).toString('hex')}`,
    );
    try {
      const task = { blobPath, temporary, expectedDiffId, limits, control };
      const { diffId, sizeBytes, warnings, unsettled } = await threads.layers.run('unpack', task);
      for (const warning of warnings) onWarning(`layer ${chainId}: ${warning}`);
      await this.#wait(below.at(-1), stopping);
      await threads.layers.run('publish', {
        temporary,
        place: this.#placeOf(chainId),
        links: folders.links,
        below: below.map((lower) => join(this.#placeOf(lower), 'diff')).toReversed(),
        unsettled,
      });
      const layer = { diffId, sizeBytes };
      this.#known.set(chainId, layer);
      this.#arrivals.emit(chainId);
      return layer;
    } catch (error) {
      discard(temporary);
      // Stopped work may have been overtaken by new work for the same layer.
      const present =
        codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST' ? await this.find(chainId) : undefined;
      if (present !== undefined) return present;
      throw error;
    }
  }
}

/** Hex digits of `sha256:<hex>`, which name a folder: nothing else may pass. */
export const hexOf = (chainId: ChainId): string => {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(chainId)?.[1];
  if (hex !== undefined) return hex;
  throw new EngineError('invalid', 'layer.bad-chain-id', `no chain id: ${chainId}`, { params: { chainId } });
};

const report = (control: TaskControl, onProgress: (bytes: number) => void): (() => void) => {
  const counters = new BigInt64Array(control);
  let last = 0;
  const look = (): void => {
    const bytes = Number(Atomics.load(counters, PROGRESS_WORD));
    if (bytes !== last) onProgress(bytes);
    last = bytes;
  };
  const timer = setInterval(look, PROGRESS_EVERY_MS);
  return () => {
    clearInterval(timer);
    look();
  };
};

/** Digest with a stop word, for `LayerDigests`. */
export const runDigest = async (
  threads: FileThreads,
  blobPath: string,
  signal?: AbortSignal,
): Promise<{ diffId: DiffId; mediaType: string; tarBytes: number }> => {
  if (signal?.aborted === true) throw cancelled();
  const control = new SharedArrayBuffer(CONTROL_BYTES);
  const stop = (): void => void Atomics.store(new Int32Array(control), STOP_WORD, 1);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await threads.layers.run('digest', { blobPath, control }, signal);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
};
