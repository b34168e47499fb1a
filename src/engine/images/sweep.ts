import type { Image } from '#domain/image/image.ts';
import type { ImagesContext } from './images-world.ts';
import { blobKey, layerKey } from './leases.ts';
import { forgetOrphans, orphanedLayers } from './orphans.ts';

type SweepWorld = Pick<ImagesContext, 'state' | 'content' | 'snapshotter' | 'containers' | 'leases'>;

/** What an image's record and its names by digest keep alive. */
export type Holdings = { readonly chainIds: readonly string[]; readonly blobs: readonly string[] };

export const holdingsOf = (image: Image, manifests: readonly string[]): Holdings => ({
  chainIds: image.layers.map(({ chainId }) => chainId),
  blobs: [image.id, ...image.layers.map(({ blobDigest }) => blobDigest), ...manifests],
});

/**
 * Removes of these what nothing needs any more: no image, no container, no transfer.
 * Answers the chain ids of the layers removed, topmost first.
 */
export const sweep = async (world: SweepWorld, holdings: Holdings): Promise<string[]> => {
  const removed: string[] = [];
  for (const chainId of holdings.chainIds.toReversed()) {
    // Asked again each time: records may come while files go.
    if (neededNow(world).chainIds.has(chainId)) continue;
    const work = async (): Promise<void> => world.snapshotter.removeLayer(chainId);
    if (await world.leases.removeUnlessHeld(layerKey(chainId), work)) removed.push(chainId);
  }
  for (const digest of new Set(holdings.blobs)) {
    if (neededNow(world).blobs.has(digest)) continue;
    await world.leases.removeUnlessHeld(blobKey(digest), async () => world.content.remove(digest));
  }
  return removed;
};

/** Everything in the stores that nothing needs: leftovers of interrupted pulls and removed containers. */
export const sweepAll = async (world: SweepWorld): Promise<Holdings> => {
  forgetOrphans(world);
  const needed = neededNow(world);
  const [layers, blobs] = await Promise.all([world.snapshotter.listLayers(), world.content.list()]);
  const loose = {
    chainIds: layers.filter((chainId) => !needed.chainIds.has(chainId)),
    blobs: blobs.filter((digest) => !needed.blobs.has(digest)),
  };
  return { chainIds: await sweep(world, loose), blobs: loose.blobs };
};

const neededNow = (world: SweepWorld): { chainIds: Set<string>; blobs: Set<string> } => {
  const chainIds = new Set(orphanedLayers(world));
  const blobs = new Set<string>();
  for (const image of world.state.images.list()) {
    blobs.add(image.id);
    for (const layer of image.layers) {
      chainIds.add(layer.chainId);
      blobs.add(layer.blobDigest);
    }
  }
  for (const { digest } of world.state.references.list()) blobs.add(digest);
  return { chainIds, blobs };
};
