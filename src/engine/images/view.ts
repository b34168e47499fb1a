import type { Image } from '#domain/image/image.ts';
import type { ImageView } from '#engine/engine.ts';
import type { ImagesWorld } from './images-world.ts';
import { resolveImage } from './resolve.ts';

type ViewWorld = Pick<ImagesWorld, 'state' | 'containers'>;

/** All images, newest first, with their names and users. */
export const list = (world: ViewWorld): ImageView[] => {
  const present = presenter(world);
  return world.state.images
    .list()
    .toSorted((one, two) => two.createdAt - one.createdAt)
    .map(present);
};

/** Errors: `not-found`, code `image.not-found`. */
export const get = (world: ViewWorld, ref: string): ImageView =>
  presenter(world)(resolveImage(world, ref).image);

const presenter = ({ state, containers }: ViewWorld): ((image: Image) => ImageView) => {
  const names = Map.groupBy(state.references.list(), ({ imageId }) => imageId);
  const users = Map.groupBy(containers(), ({ imageId }) => imageId);
  return (image) => {
    const own = names.get(image.id) ?? [];
    return {
      image,
      tags: own.filter(({ digest }) => digest === '').map(({ name }) => name),
      digests: own.filter(({ digest }) => digest !== '').map(({ name }) => name),
      containers: users.get(image.id)?.length ?? 0,
    };
  };
};
