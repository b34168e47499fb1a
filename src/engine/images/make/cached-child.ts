import { isDeepStrictEqual } from 'node:util';
import { mergeImageConfig } from '#domain/container/merge-image.ts';
import type { ContainerConfig } from '#domain/container/config.ts';
import type { Image, ImageConfig } from '#domain/image/image.ts';
import type { ImagesWorld } from '#engine/images/images-world.ts';
import { resolveImage } from '#engine/images/resolve.ts';

/**
 * The newest image that a commit of a container with this configuration made of the image `ref`; undefined when there
 * is none. A build by a client of API 1.0 or 1.1 asks before each step (docker-routes.md R43). Throws `image.not-found`.
 */
export const cachedChild = (
  world: Pick<ImagesWorld, 'state'>,
  ref: string,
  config: ContainerConfig,
): Image | undefined => {
  const { image: parent } = resolveImage(world, ref);
  const wanted = comparedOf(mergeImageConfig(config, parent.config));
  return world.state.images
    .list()
    .filter(({ parentId }) => parentId === parent.id)
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .find((child) => isDeepStrictEqual(comparedOf(child.config), wanted));
};

type Compared = 'user' | 'env' | 'cmd' | 'entrypoint' | 'workingDir' | 'labels' | 'exposedPorts' | 'volumes';

/** What decides whether a step has the same outcome; the order of ports and volumes does not. */
const comparedOf = (config: Pick<ImageConfig, Compared>): Pick<ImageConfig, Compared> => ({
  user: config.user,
  env: config.env,
  cmd: config.cmd,
  entrypoint: config.entrypoint,
  workingDir: config.workingDir,
  labels: config.labels,
  exposedPorts: config.exposedPorts.toSorted(),
  volumes: config.volumes.toSorted(),
});
