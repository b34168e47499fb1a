import type { MountPoint } from '#domain/container/config.ts';
import type { Container } from '#domain/container/container.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { resolveUser } from '#engine/containers/spec/resolve-user.ts';
import type { ResolvedUser } from '#engine/containers/spec/resolve-user.ts';

type Needs = Pick<ContainerContext, 'snapshotter' | 'files'>;

export type ReadyRoot = { readonly path: string; readonly user: ResolvedUser };

/** Mounts the root, makes the working directory and looks the user up inside. */
export const prepareRoot = async (world: Needs, container: Container): Promise<ReadyRoot> => {
  const path = await world.snapshotter.mountRoot(container.id);
  const [user] = await Promise.all([
    findUser(world, container),
    makeWorkingDirectory(world, container),
    ...outermost(container.mounts).map(async (point) => makeMountPoint(world, container.id, point)),
  ]);
  return { path, user };
};

const findUser = async (world: Needs, { id, config, host }: Container): Promise<ResolvedUser> => {
  const [passwd, group] = await Promise.all([
    readText(world, id, '/etc/passwd'),
    readText(world, id, '/etc/group'),
  ]);
  return resolveUser(config.user, host.groupAdd, { passwd, group });
};

const readText = async ({ snapshotter }: Needs, id: string, path: string): Promise<string> => {
  const bytes = await snapshotter.readFile(id, path);
  return bytes === undefined ? '' : new TextDecoder().decode(bytes);
};

/** What lies in another mount is no place of the root. */
const outermost = (mounts: readonly MountPoint[]): readonly MountPoint[] =>
  mounts.filter(({ destination }) =>
    mounts.every((other) => !destination.startsWith(`${other.destination.replace(/\/$/, '')}/`)),
  );

/** The runtime makes places as well, but not where a link of the image leads to nothing. */
const makeMountPoint = async (
  { snapshotter, files }: Needs,
  id: string,
  { type, source, destination }: MountPoint,
): Promise<void> => {
  const kind = type === 'bind' ? await files.hostKind(source) : 'directory';
  try {
    if (kind === undefined || kind === 'directory') await snapshotter.makeDirectory(id, destination);
    else await snapshotter.makeFile(id, destination);
  } catch (error) {
    // Something is in the way: the runtime says so if it minds.
    if (!(error instanceof EngineError)) throw error;
  }
};

const makeWorkingDirectory = async ({ snapshotter }: Needs, { id, config }: Container): Promise<void> => {
  if (config.workingDir === '' || config.workingDir === '/') return;
  try {
    await snapshotter.makeDirectory(id, config.workingDir);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'rootfs.not-a-directory') throw error;
    throw engineError('workdir.not-a-directory', { path: config.workingDir }, error);
  }
};

/**
 * Host paths of binds are made when missing; those of `Mounts` only when it says so (docker-modern.md 3.3). Answers the
 * mounts as the runtime takes them.
 */
export const prepareBindSources = async (
  { files }: Needs,
  { mounts, host }: Container,
): Promise<readonly MountPoint[]> => {
  const strict = new Set(
    host.mounts
      .filter(({ type, bind }) => type === 'bind' && bind?.createMountpoint !== true)
      .map(({ target }) => target),
  );
  return Promise.all(
    mounts.map(async (point) => {
      const { type, source, destination } = point;
      if (type !== 'bind') return point;
      const kind = await files.hostKind(source);
      if (kind === 'directory') return point;
      // Below a file lies nothing, and crun takes a mount that is read-only all the way down for a directory.
      if (kind !== undefined) return { ...point, depth: point.depth ?? 'writable-below' };
      if (strict.has(destination)) throw engineError('mount.source-missing', { path: source });
      await files.makeHostDirectory(source);
      return point;
    }),
  );
};
