import type { Image } from '#domain/image/image.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ImageView, PruneImages, Pruned, RemovedImage } from '#engine/engine.ts';
import type { ImagesContext } from './images-world.ts';
import { remove } from './remove.ts';
import { list } from './view.ts';

/**
 * Removes images that no container uses and that match: those without a tag, or any. Images that others are
 * made from go with the last of those.
 */
export const prune = async (
  world: ImagesContext,
  { danglingOnly, matches, signal }: PruneImages,
): Promise<Pruned<RemovedImage>> => {
  const views = list(world);
  const sizes = layerSizes(views.map(({ image }) => image));
  const parents = new Set(views.map(({ image }) => image.parentId));
  const removed: RemovedImage[] = [];
  for (const view of views) {
    const isInner = isUnnamed(view) && parents.has(view.image.id);
    const isWanted = danglingOnly ? view.tags.length === 0 : true;
    if (isInner || !isWanted || view.containers > 0 || !matches(view)) continue;
    if (signal.aborted) break;
    removed.push(...(await removeOne(world, view)));
  }
  const reclaimedBytes = removed.reduce(
    (sum, item) => sum + ('deleted' in item ? (sizes.get(item.deleted) ?? 0) : 0),
    0,
  );
  world.emit({
    type: 'image',
    action: 'prune',
    actorId: '',
    attributes: { reclaimed: String(reclaimedBytes) },
  });
  return { removed, reclaimedBytes };
};

const isUnnamed = ({ tags, digests }: ImageView): boolean => tags.length === 0 && digests.length === 0;

/** Bytes by chain id. */
const layerSizes = (images: readonly Image[]): ReadonlyMap<string, number> =>
  new Map(images.flatMap(({ layers }) => layers.map(({ chainId, sizeBytes }) => [chainId, sizeBytes])));

/** By each of its names, or by its id when it has none. Somebody may take it into use meanwhile: then it stays. */
const removeOne = async (
  world: ImagesContext,
  { image, tags, digests }: ImageView,
): Promise<RemovedImage[]> => {
  const removed: RemovedImage[] = [];
  const names = tags.length > 0 ? tags : digests;
  for (const name of names.length > 0 ? names : [image.id]) {
    try {
      removed.push(...(await remove(world, name, { force: false, prune: true })));
    } catch (error) {
      if (!isEngineError(error, 'not-found') && !isEngineError(error, 'conflict')) throw error;
    }
  }
  return removed;
};
