import type { MountPoint } from '#domain/container/config.ts';
import type { Habits } from '#domain/container/habits.ts';
import type { PlannedMount } from '#domain/container/mounts/plan-mounts.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import { flagsOfOptions, verifyLocalOptions } from '#domain/volume/local-options.ts';
import { randomId } from '#lib/random-id.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { ensure } from '#engine/volumes/ensure.ts';
import { remove as removeVolume } from '#engine/volumes/remove.ts';

type Needs = Pick<
  ContainerContext,
  'state' | 'volumes' | 'volumeMounts' | 'files' | 'snapshotter' | 'clock' | 'events' | 'locks' | 'records'
>;

/** Anonymous volumes get their names before anything is made, so that a record of the intent can hold them. */
export const nameVolumes = (plan: readonly PlannedMount[]): PlannedMount[] =>
  plan.map((mount) => {
    if (mount.volume === undefined || mount.volume.name !== '') return mount;
    const name = randomId();
    return { ...mount, point: { ...mount.point, name }, volume: { ...mount.volume, name } };
  });

/** What a container gives to those that take its volumes. Throws `container.not-found`. */
export const mountsOf = (
  { records }: Pick<Needs, 'records'>,
  ref: string,
  habits?: Habits,
): readonly MountPoint[] => {
  try {
    return records.get(ref).mounts;
  } catch (error) {
    if (habits?.lateVolumes === true && isEngineError(error, 'not-found')) return [];
    throw error;
  }
};

/** What can be refused before anything is made: sources that are missing, drivers nobody has. */
export const verifyMounts = async (
  { files, volumes, state }: Pick<Needs, 'files' | 'volumes' | 'state'>,
  plan: readonly PlannedMount[],
): Promise<void> => {
  await Promise.all(
    plan.map(async ({ point, mustExist, volume }) => {
      if (volume !== undefined && volume.driver !== volumes.name) {
        throw engineError('volume.driver-unknown', { driver: volume.driver, name: volume.name });
      }
      if (volume !== undefined && state.volumes.get(volume.name) === undefined)
        verifyLocalOptions(volume.name, volume.options);
      if (mustExist === true && (await files.hostKind(point.source)) === undefined) {
        throw engineError('mount.source-missing', { path: point.source });
      }
    }),
  );
};

/** Makes the volumes, fills empty ones with what the image has there, and gives the final mount points. */
export const realizeMounts = async (
  world: Needs,
  id: ContainerId,
  plan: readonly PlannedMount[],
): Promise<MountPoint[]> => {
  const points = await Promise.all(plan.map((mount) => realize(world, mount)));
  const fresh = plan.filter(({ volume }) => volume !== undefined);
  if (fresh.length > 0) await fillVolumes(world, id, points, fresh);
  return points;
};

const realize = async (world: Needs, { point, volume }: PlannedMount): Promise<MountPoint> => {
  if (volume === undefined) return point;
  const { name, driver, labels, options } = volume;
  const anonymous = point.anonymous === true;
  const made = await ensure(world, { name, driver, labels, options, anonymous });
  const flags = flagsOfOptions(made.options);
  return { ...point, source: made.mountpoint, ...(flags.length === 0 ? {} : { options: flags }) };
};

const fillVolumes = async (
  world: Needs,
  id: ContainerId,
  points: readonly MountPoint[],
  plan: readonly PlannedMount[],
): Promise<void> => {
  await world.snapshotter.mountRoot(id);
  try {
    for (const { point, volume } of plan) {
      const made = points.find(({ destination }) => destination === point.destination) ?? point;
      await fillVolume(world, id, made, volume?.copyUp === true);
    }
  } finally {
    await world.snapshotter.unmountRoot(id);
  }
};

const fillVolume = async (
  world: Needs,
  id: ContainerId,
  point: MountPoint,
  copyUp: boolean,
): Promise<void> => {
  const { destination: path, name, source } = point;
  const kind = await world.snapshotter.kindOf(id, path);
  if (kind === 'file' || kind === 'other') throw engineError('mount.over-file', { path });
  if (kind === undefined || !copyUp) return;
  // Two containers that meet at one new volume must not both fill it.
  const fill = (): Promise<void> =>
    world.locks.run(`volume:${name}`, async () => {
      if (await world.volumes.isEmpty(name)) await world.snapshotter.copyOut(id, path, source);
    });
  try {
    await world.volumeMounts.during([point], fill);
  } catch (error) {
    if (!isEngineError(error) || error.code !== 'volume.mount-failed') throw error;
    throw engineError('volume.populate-failed', error.params, error);
  }
};

/** Removes these anonymous volumes unless another container uses them. */
export const removeAnonymousVolumes = async (
  world: Needs,
  owner: ContainerId,
  mounts: readonly MountPoint[],
): Promise<void> => {
  const own = mounts.filter(({ anonymous, name }) => anonymous === true && name !== '');
  await Promise.all(own.map(async ({ name }) => removeUnused(world, name, owner)));
};

const removeUnused = async (world: Needs, name: string, owner: ContainerId): Promise<void> => {
  try {
    await removeVolume(world, name, { force: true, without: owner });
  } catch (error) {
    if (!isEngineError(error, 'conflict')) throw error;
  }
};
