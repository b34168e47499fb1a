import type { Image, ImageReference } from '#domain/image/image.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import type { ImagesWorld } from './images-world.ts';

/** A name that pointed elsewhere before. */
export type MovedName = { readonly name: string; readonly previousId: ImageId };

export type StoreResult = {
  /** The image was not in the store. */
  readonly isNew: boolean;
  readonly moved: readonly MovedName[];
};

/** Writes an image and its names, all or nothing. What the record knew of parents and tags stays. */
export const storeImage = (
  { state }: Pick<ImagesWorld, 'state'>,
  image: Image,
  references: readonly ImageReference[],
): StoreResult =>
  state.transaction(() => {
    const previous = state.images.get(image.id);
    state.images.put(
      previous === undefined
        ? image
        : {
            ...image,
            parentId: image.parentId || previous.parentId,
            lastTaggedAt: Math.max(image.lastTaggedAt, previous.lastTaggedAt),
          },
    );
    const moved = references.flatMap((reference) => {
      const before = state.references.get(reference.name);
      state.references.put(reference);
      return before === undefined || before.imageId === reference.imageId
        ? []
        : [{ name: reference.name, previousId: before.imageId }];
    });
    return { isNew: previous === undefined, moved };
  });
