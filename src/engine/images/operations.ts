import { normalisePlatform } from '#domain/image/platform.ts';
import type { ImageHooks } from '#engine/containers/hooks.ts';
import type { ImageOperations } from '#engine/engine.ts';
import { Semaphore } from '#lib/semaphore.ts';
import { addLayer } from './make/add-layer.ts';
import { cachedChild } from './make/cached-child.ts';
import { history } from './history.ts';
import type { ImagesContext, ImagesWorld, TransferLimits } from './images-world.ts';
import { importLayer } from './make/import-layer.ts';
import { insert } from './make/insert.ts';
import { Leases } from './leases.ts';
import { load } from './load/load.ts';
import { takeOrphans } from './orphans.ts';
import { prune } from './prune.ts';
import { pull } from './pull/pull.ts';
import { recover } from './recover.ts';
import type { ImageRecovery } from './recover.ts';
import { remove } from './remove.ts';
import { save } from './save/save.ts';
import { SharedTasks } from './shared-tasks.ts';
import { sweep, sweepAll } from './sweep.ts';
import { tag } from './tag.ts';
import { get, list } from './view.ts';

/** Docker's three at a time for one pull; a few more over all. */
export const DEFAULT_TRANSFER_LIMITS: TransferLimits = { downloadsPerPull: 3, downloads: 8 };

/** The facade's operations and what the daemon itself needs besides. */
export type Images = ImageOperations &
  ImageHooks & {
    /** Once, before anything else; see `recover.ts`. */
    recover(): Promise<ImageRecovery>;
    /**
     * Removes layers and blobs that nothing needs. Work in progress is safe as far as it holds leases: commit and
     * build must take them.
     */
    sweep(): Promise<void>;
    /** What transfers hold; see `leases.ts` for the keys. */
    readonly leases: Leases;
  };

export const createImageOperations = (world: ImagesWorld): Images => {
  const context: ImagesContext = {
    ...world,
    platform: normalisePlatform({ os: 'linux', architecture: world.facts.architecture, variant: '' }),
    leases: new Leases(),
    downloadSlots: new Semaphore(world.limits.downloads),
    blobTasks: new SharedTasks(),
    layerTasks: new SharedTasks(),
  };
  return {
    leases: context.leases,
    list: () => list(context),
    get: (ref) => get(context, ref),
    tag: async (ref, repository, name) => tag(context, ref, repository, name),
    remove: async (ref, options) => remove(context, ref, options),
    prune: async (request) => prune(context, request),
    pull: (request) => pull(context, request),
    importLayer: (request) => importLayer(context, request),
    load: (archive, signal) => load(context, archive, signal),
    save: async (refs, options) => save(context, refs, options),
    history: (ref) => history(context, ref),
    cachedChild: (ref, config) => cachedChild(context, ref, config),
    insert: (request) => insert(context, request),
    addLayer: async (request) => addLayer(context, request),
    recover: async () => recover(context),
    sweep: async () => void (await sweepAll(context)),
    containerRemoved: async (imageId) =>
      void (await sweep(context, { chainIds: takeOrphans(context, imageId), blobs: [] })),
  };
};
