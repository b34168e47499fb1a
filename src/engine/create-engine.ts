import { assembleEngine } from './assemble-engine.ts';
import type { RunningEngine } from './assemble-engine.ts';
import { createExecs } from './execs/create-execs.ts';
import { createImageOperations, DEFAULT_TRANSFER_LIMITS } from './images/operations.ts';
import type { Images } from './images/operations.ts';
import type { Downloads } from './ports/downloads.ts';
import { createStreams } from './streams/create-streams.ts';
import type { World } from './world.ts';

/** The whole engine on these ports. Call `recover` once before the first request. */
export const createEngine = (ports: World & { readonly downloads: Downloads }): RunningEngine =>
  assembleEngine(ports, {
    images: (world) => {
      const images = createImageOperations({
        ...world,
        downloads: ports.downloads,
        facts: world.machine.facts,
        emit: (event) => world.events.publish(event),
        containers: () => world.state.containers.list(),
        limits: DEFAULT_TRANSFER_LIMITS,
        version: world.settings.version,
      });
      return { ...images, recover: async () => describe(await images.recover()) };
    },
    streams: createStreams,
    execs: createExecs,
  });

const describe = (found: Awaited<ReturnType<Images['recover']>>): string[] => [
  ...found.repairedLayers.map((layer) => `layer ${layer} was gone and was unpacked again`),
  ...found.lostImages.map((image) => `image ${image} has lost its content and was removed`),
  ...(found.sweptLayers + found.sweptBlobs === 0
    ? []
    : [`removed ${found.sweptLayers} layers and ${found.sweptBlobs} blobs that nothing needs`]),
];
