import type { Image } from '#domain/image/image.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import type { ImagesWorld } from './images-world.ts';

/**
 * Layers of images that were removed by force under a container: the container's root still stands
 * on them, and no image record names them. Kept until the container is gone too.
 */
type Orphans = Readonly<Record<string, readonly string[]>>;

type OrphanWorld = Pick<ImagesWorld, 'state' | 'containers'>;

const SETTING = 'images.orphaned-layers';

export const keepOrphans = ({ state }: OrphanWorld, image: Image): void => {
  const chainIds = image.layers.map(({ chainId }) => chainId);
  write({ state }, { ...read({ state }), [image.id]: chainIds });
};

/** Chain ids that containers without an image stand on. */
export const orphanedLayers = (world: OrphanWorld): string[] =>
  stillUsed(world).flatMap(([, chainIds]) => chainIds);

/** Chain ids that nobody stands on any more once the last container of an image is gone that was removed before it. */
export const takeOrphans = (world: OrphanWorld, imageId: ImageId): readonly string[] => {
  const { [imageId]: chainIds, ...others } = read(world);
  if (chainIds === undefined || world.containers().some((container) => container.imageId === imageId))
    return [];
  write(world, others);
  return chainIds;
};

/** Drops the entries whose containers are gone. */
export const forgetOrphans = (world: OrphanWorld): void => {
  const used = stillUsed(world);
  if (used.length !== Object.keys(read(world)).length) write(world, Object.fromEntries(used));
};

const stillUsed = (world: OrphanWorld): [string, readonly string[]][] => {
  const users = new Set(world.containers().map(({ imageId }) => imageId));
  return Object.entries(read(world)).filter(([imageId]) => users.has(imageId));
};

const read = ({ state }: Pick<ImagesWorld, 'state'>): Orphans =>
  JSON.parse(state.settings.get(SETTING) ?? '{}') as Orphans;

const write = ({ state }: Pick<ImagesWorld, 'state'>, orphans: Orphans): void =>
  state.settings.set(SETTING, JSON.stringify(orphans));
