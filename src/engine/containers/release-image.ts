import type { Container } from '#domain/container/container.ts';
import type { ContainerContext } from './context.ts';

/**
 * The record of the container is gone: layers that it alone kept of a removed image go too. In the background, as
 * nobody waits for it; what a death of the daemon leaves is found by the next one.
 */
export const releaseImage = (
  { images, log }: Pick<ContainerContext, 'images' | 'log'>,
  { id, imageId }: Pick<Container, 'id' | 'imageId'>,
): void => {
  if (imageId === '') return;
  images.containerRemoved?.(imageId).catch((error: unknown) => {
    log('warn', 'layers of a removed image are still there', { container: id, image: imageId, error });
  });
};
