import { EngineError } from '#domain/error/engine-error.ts';
import { formatCanonical, formatFamiliar, joinReference, withDefaultTag } from '#domain/image/reference.ts';
import { imageEvent } from './image-events.ts';
import type { ImagesWorld } from './images-world.ts';
import { resolveImage } from './resolve.ts';
import { storeImage } from './store-image.ts';

/**
 * Gives an image a name; a name that was another image's moves (docker-semantics.md 13.2).
 * Errors: `image.not-found`; `reference.*`, among them `reference.digest` for a name by digest.
 */
export const tag = (
  world: Pick<ImagesWorld, 'state' | 'emit' | 'clock'>,
  ref: string,
  repository: string,
  tagName: string,
): void => {
  const { image } = resolveImage(world, ref);
  const reference = withDefaultTag(joinReference(repository, tagName));
  if (reference.digest !== '') {
    throw new EngineError('invalid', 'reference.digest', 'refusing to create a tag with a digest reference', {
      params: { name: formatFamiliar(reference) },
    });
  }
  storeImage(world, { ...image, lastTaggedAt: world.clock.now() }, [
    { name: formatCanonical(reference), imageId: image.id, digest: '' },
  ]);
  world.emit(imageEvent('tag', image, formatFamiliar(reference)));
};
