import type { Container } from '#domain/container/container.ts';
import type { ContainerConfig } from '#domain/container/config.ts';
import { mergeImageConfig } from '#domain/container/merge-image.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { CommittedConfig, ImageConfig } from '#domain/image/image.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { applyChanges } from '#engine/images/make/apply-changes.ts';
import type { CommitContainer } from '#engine/engine.ts';

/** An image of a container's root and configuration (docker-semantics.md 11.2). */
export const commit = async (
  world: ContainerContext,
  ref: string,
  request: CommitContainer,
): Promise<ImageId> => {
  const id = world.records.idOf(ref);
  const config = configOf(world.records.known(id, ref), request);
  // The lock keeps away a removal, and a pause of others from ours.
  return world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    if (container.state.status === 'removing' || container.state.status === 'dead')
      throw engineError('container.removal-in-progress', { ref });
    const image = await (request.pause && container.state.status === 'running'
      ? whilePaused(world, container, () => store(world, container, config, request))
      : store(world, container, config, request));
    announce(world, 'commit', container, {
      comment: request.comment,
      imageID: image,
      imageRef: request.repository === '' ? '' : `${request.repository}:${request.tag || 'latest'}`,
    });
    return image;
  });
};

const store = (
  world: ContainerContext,
  container: Container,
  config: ImageConfig,
  { author, comment, repository, tag, signal }: CommitContainer,
): Promise<ImageId> =>
  world.images.addLayer({
    parentId: container.imageId,
    layer: world.archive.diffTar(container.id, signal),
    config,
    containerId: container.id,
    containerConfig: committed(container.config),
    createdBy: [...(container.config.entrypoint ?? []), ...(container.config.cmd ?? [])].join(' '),
    author,
    comment,
    repository,
    tag,
    ...(signal === undefined ? {} : { signal }),
  });

/** Frozen without a word in the record: by that the next daemon knows that it is to thaw it, should this one die. */
const whilePaused = async <T>(
  { runtime }: ContainerContext,
  { id }: Container,
  work: () => Promise<T>,
): Promise<T> => {
  await runtime.pause(id);
  try {
    return await work();
  } finally {
    await runtime.resume(id);
  }
};

/** The client's configuration after the instructions; where it is silent, the container's. */
const configOf = ({ config: own }: Container, { config, changes }: CommitContainer): ImageConfig => {
  const changed = applyChanges(runConfigOf(config ?? own), changes);
  return runConfigOf(mergeImageConfig({ ...(config ?? own), ...changed }, runConfigOf(own)));
};

/** The container as it is, not as the image will run. */
const committed = (config: ContainerConfig): CommittedConfig => ({
  ...runConfigOf(config),
  hostname: config.hostname,
  domainname: config.domainname,
  attachStdin: config.attachStdin,
  attachStdout: config.attachStdout,
  attachStderr: config.attachStderr,
  tty: config.tty,
  openStdin: config.openStdin,
  stdinOnce: config.stdinOnce,
  image: config.image,
});

const runConfigOf = (config: ContainerConfig): ImageConfig => ({
  user: config.user,
  exposedPorts: config.exposedPorts,
  env: config.env,
  entrypoint: config.entrypoint,
  cmd: config.cmd,
  volumes: config.volumes,
  workingDir: config.workingDir,
  labels: config.labels,
  onBuild: config.onBuild,
  ...(config.stopSignal === undefined ? {} : { stopSignal: config.stopSignal }),
  ...(config.healthcheck === undefined ? {} : { healthcheck: config.healthcheck }),
  ...(config.shell === undefined ? {} : { shell: config.shell }),
});
