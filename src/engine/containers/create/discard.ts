import type { Container } from '#domain/container/container.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { releaseImage } from '#engine/containers/release-image.ts';
import { removeAnonymousVolumes } from './volumes.ts';

/** Takes back a create that did not come to its end (failed, or the daemon died in it). */
export const discard = async (world: ContainerContext, intent: Container): Promise<void> => {
  try {
    await world.snapshotter.removeRoot(intent.id);
    await removeAnonymousVolumes(world, intent.id, intent.mounts);
  } catch (error) {
    // The name must be free in any case; the next start of the daemon finds what is left.
    world.log('warn', 'a failed create could not be cleaned up', { container: intent.id, error });
  }
  world.records.remove(intent.id, 'anyhow');
  releaseImage(world, intent);
};
