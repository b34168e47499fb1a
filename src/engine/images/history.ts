import type { Image, ImageHistory } from '#domain/image/image.ts';
import type { HistoryEntry } from '#engine/engine.ts';
import type { ImagesWorld } from './images-world.ts';
import { resolveImage } from './resolve.ts';

/**
 * The steps that made an image, newest first. A step has an id where its image is in the store: the
 * image itself, and its parents where it was built here; '' for the others.
 */
export const history = (world: Pick<ImagesWorld, 'state'>, ref: string): readonly HistoryEntry[] => {
  const { image } = resolveImage(world, ref);
  const ancestry = ancestryOf(world, image);
  return withSizes(image)
    .toReversed()
    .map(({ step, sizeBytes }, index) => {
      const id = ancestry[index]?.id ?? '';
      return {
        id,
        createdAt: step.createdAt,
        createdBy: step.createdBy,
        tags: id === '' ? [] : tagsOf(world, id),
        sizeBytes,
        comment: step.comment,
      };
    });
};

/** The image, its parent, and so on as far as they are known. */
const ancestryOf = ({ state }: Pick<ImagesWorld, 'state'>, image: Image): Image[] => {
  const ancestry: Image[] = [];
  let next: Image | undefined = image;
  // A step per image at most: a damaged ring of parents ends here too.
  while (next !== undefined && ancestry.length <= image.history.length) {
    ancestry.push(next);
    next = next.parentId === '' ? undefined : state.images.get(next.parentId);
  }
  return ancestry;
};

const withSizes = (image: Image): { step: ImageHistory; sizeBytes: number }[] => {
  let layer = 0;
  return image.history.map((step) => {
    if (step.emptyLayer) return { step, sizeBytes: 0 };
    layer += 1;
    return { step, sizeBytes: image.layers[layer - 1]?.sizeBytes ?? 0 };
  });
};

const tagsOf = ({ state }: Pick<ImagesWorld, 'state'>, id: string): string[] =>
  state.references
    .list()
    .filter(({ imageId, digest }) => imageId === id && digest === '')
    .map(({ name }) => name);
