import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlobFolder } from '#adapters/blob-folder/blob-folder.ts';
import { createOverlay } from '#adapters/overlay/overlay.ts';
import type { Overlay } from '#adapters/overlay/overlay.ts';
import { createRegistryClient } from '#adapters/registry-http/registry-client.ts';
import { SqliteStateStore } from '#adapters/sqlite/sqlite-state-store.ts';
import { systemClock } from '#adapters/system-clock/system-clock.ts';
import type { Container } from '#domain/container/container.ts';
import type { EngineEvent } from '#domain/event/event.ts';
import type { ImagesWorld } from '#engine/images/images-world.ts';
import { createImageOperations, DEFAULT_TRANSFER_LIMITS } from '#engine/images/operations.ts';
import type { Images } from '#engine/images/operations.ts';

/** The engine's image part over its real adapters, in a folder of its own. */
export type TestImages = AsyncDisposable & {
  readonly images: Images;
  readonly world: ImagesWorld;
  readonly overlay: Overlay;
  readonly dataRoot: string;
  /** `action name` of each event. */
  readonly events: string[];
  /** What "in use" is decided by. */
  readonly containers: Pick<Container, 'id' | 'imageId' | 'state'>[];
  /** Names of temporary files of ingests. */
  ingests(): Promise<string[]>;
};

export const startImages = async (change: Partial<ImagesWorld> = {}): Promise<TestImages> => {
  const dataRoot = await mkdtemp(join(tmpdir(), 'gantry-images-'));
  const overlay = createOverlay({ dataRoot });
  const registry = createRegistryClient({
    insecureRegistries: [],
    mirrors: [],
    userAgent: 'gantry-test',
    retryDelayMs: 5,
  });
  const state = new SqliteStateStore({ dataRoot });
  const events: string[] = [];
  const containers: TestImages['containers'] = [];
  const note = ({ action, attributes }: Omit<EngineEvent, 'at'>): void =>
    void events.push(`${action} ${attributes['name']}`);
  const world: ImagesWorld = {
    state,
    content: createBlobFolder({ dataRoot }),
    snapshotter: overlay,
    digests: overlay,
    registry,
    downloads: registry,
    clock: systemClock,
    facts: { architecture: 'amd64' },
    emit: note,
    containers: () => containers,
    limits: DEFAULT_TRANSFER_LIMITS,
    version: '1.0.0-test',
    ...change,
  };
  await overlay.recover();
  return {
    images: createImageOperations(world),
    world,
    overlay,
    dataRoot,
    events,
    containers,
    ingests: async () => readdir(join(dataRoot, 'ingest')).catch(() => []),
    [Symbol.asyncDispose]: async () => {
      await registry.close();
      await overlay[Symbol.asyncDispose]();
      state.close();
      await rm(dataRoot, { recursive: true, force: true });
    },
  };
};
