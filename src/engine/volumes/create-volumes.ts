import { isVolumeName } from '#domain/container/names.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { verifyLocalOptions } from '#domain/volume/local-options.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { CreateVolume, VolumeOperations, VolumeView } from '#engine/engine.ts';
import type { VolumeRecord } from '#engine/ports/state-store.ts';
import { randomId } from '#lib/random-id.ts';
import { ensure } from './ensure.ts';
import { prune } from './prune.ts';
import { remove } from './remove.ts';
import { usersOf } from './users.ts';

export const createVolumes = (world: ContainerContext): VolumeOperations => {
  const view = (volume: VolumeRecord): VolumeView => ({
    ...volume,
    users: usersOf(world.records.listAll(), volume.name).map(({ id }) => id),
  });
  return {
    list: () => world.state.volumes.list().map(view),
    get: (name) => {
      const known = world.state.volumes.get(name);
      if (known === undefined) throw engineError('volume.not-found', { name });
      return view(known);
    },
    create: async (request) => view(await create(world, request)),
    remove: async (name, options) => remove(world, name, options),
    prune: async (request) => prune(world, request),
    sizeBytes: async (name) => world.volumes.sizeBytes(name),
  };
};

const create = async (world: ContainerContext, request: CreateVolume): Promise<VolumeRecord> => {
  const driver = request.driver === '' ? world.volumes.name : request.driver;
  if (driver !== world.volumes.name) {
    throw engineError('volume.driver-unknown', { driver, name: request.name });
  }
  if (request.name !== '' && !isVolumeName(request.name)) {
    throw engineError('volume.name-invalid', { name: request.name });
  }
  const isAnonymous = request.name === '';
  const name = isAnonymous ? randomId() : request.name;
  const { labels, options } = request;
  // One that is there already is given back, whatever was asked for.
  if (world.state.volumes.get(name) === undefined) verifyLocalOptions(name, options);
  return ensure(world, { name, driver, labels, options, anonymous: isAnonymous });
};
