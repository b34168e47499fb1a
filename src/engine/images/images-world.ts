import type { Container } from '#domain/container/container.ts';
import type { EngineEvent } from '#domain/event/event.ts';
import type { ImageLayer } from '#domain/image/image.ts';
import type { Platform } from '#domain/image/platform.ts';
import type { Clock } from '#engine/ports/clock.ts';
import type { ContentStore } from '#engine/ports/content-store.ts';
import type { Downloads } from '#engine/ports/downloads.ts';
import type { LayerDigests } from '#engine/ports/layer-digests.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import type { Registry } from '#engine/ports/registry.ts';
import type { Snapshotter } from '#engine/ports/snapshotter.ts';
import type { StateStore } from '#engine/ports/state-store.ts';
import type { Semaphore } from '#lib/semaphore.ts';
import type { Leases } from './leases.ts';
import type { SharedTasks } from './shared-tasks.ts';

/** What operations on images need of the world. */
export type ImagesWorld = {
  readonly state: Pick<StateStore, 'images' | 'references' | 'settings' | 'transaction'>;
  readonly content: ContentStore;
  readonly snapshotter: Pick<Snapshotter, 'hasLayer' | 'unpackLayer' | 'removeLayer' | 'listLayers'>;
  readonly digests: LayerDigests;
  readonly registry: Registry;
  readonly downloads: Downloads;
  readonly clock: Clock;
  readonly facts: Pick<MachineFacts, 'architecture'>;
  readonly emit: (event: Omit<EngineEvent, 'at'>) => void;
  /** All containers, for "in use". */
  readonly containers: () => readonly Pick<Container, 'id' | 'imageId' | 'state'>[];
  readonly limits: TransferLimits;
  /** Of the engine: what images made here say. */
  readonly version: string;
};

export type TransferLimits = {
  readonly downloadsPerPull: number;
  /** Over all pulls. */
  readonly downloads: number;
};

/** The world and what operations share among themselves. */
export type ImagesContext = ImagesWorld & {
  readonly platform: Platform;
  readonly leases: Leases;
  readonly downloadSlots: Semaphore;
  readonly blobTasks: SharedTasks<number>;
  readonly layerTasks: SharedTasks<ImageLayer>;
};
