import type { Image } from '#domain/image/image.ts';
import type { ImagesContext } from './images-world.ts';
import { sweepAll } from './sweep.ts';

/** What was found and done at start; for the log. */
export type ImageRecovery = {
  /** Layers that were gone and were unpacked again. */
  readonly repairedLayers: readonly string[];
  /** Images that cannot be used any more: their records are removed, names too. */
  readonly lostImages: readonly string[];
  /** Layers and blobs that nothing needed. */
  readonly sweptLayers: number;
  readonly sweptBlobs: number;
};

/**
 * Brings records and files together after a start: before anything else uses the images, after
 * `recover` of the content store and the snapshotter, with the containers known.
 */
export const recover = async (world: ImagesContext): Promise<ImageRecovery> => {
  const layers = new Set<string>(await world.snapshotter.listLayers());
  const blobs = new Set<string>(await world.content.list());
  const repairedLayers: string[] = [];
  const lostImages: string[] = [];
  for (const image of world.state.images.list()) {
    const isWhole = blobs.has(image.id) && (await repair(world, image, { layers, blobs, repairedLayers }));
    if (isWhole) continue;
    forget(world, image);
    lostImages.push(image.id);
  }
  const swept = await sweepAll(world);
  return { repairedLayers, lostImages, sweptLayers: swept.chainIds.length, sweptBlobs: swept.blobs.length };
};

type Found = { readonly layers: Set<string>; readonly blobs: Set<string>; readonly repairedLayers: string[] };

const repair = async (world: ImagesContext, image: Image, found: Found): Promise<boolean> => {
  const below: string[] = [];
  for (const { chainId, diffId, blobDigest } of image.layers) {
    if (!found.blobs.has(blobDigest)) return false;
    if (!found.layers.has(chainId)) {
      const blobPath = world.content.pathOf(blobDigest);
      await world.snapshotter.unpackLayer({ chainId, below: [...below], expectedDiffId: diffId, blobPath });
      found.layers.add(chainId);
      found.repairedLayers.push(chainId);
    }
    below.push(chainId);
  }
  return true;
};

const forget = ({ state }: ImagesContext, image: Image): void =>
  state.transaction(() => {
    for (const { name, imageId } of state.references.list()) {
      if (imageId === image.id) state.references.remove(name);
    }
    state.images.remove(image.id);
  });
