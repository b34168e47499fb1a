import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { VolumeRecord } from '#engine/ports/state-store.ts';
import { usersOf } from './users.ts';

type Needs = Pick<ContainerContext, 'state' | 'volumes' | 'records' | 'events' | 'locks'>;

type RemoveVolume = {
  /** Nothing there is fine. */
  readonly force: boolean;
  /** A container that is on its way out does not count as a user. */
  readonly without?: ContainerId;
};

/** Throws `volume.not-found` {name} unless forced, `volume.in-use` {name, containers}: force does not help there. */
export const remove = async (world: Needs, name: string, { force, without }: RemoveVolume): Promise<void> => {
  await world.locks.run(`volume:${name}`, async () => {
    const known = world.state.volumes.get(name);
    if (known === undefined && !force) throw engineError('volume.not-found', { name });
    const users = usersOf(world.records.listAll(), name).filter(({ id }) => id !== without);
    if (users.length > 0) {
      throw engineError('volume.in-use', { name, containers: users.map(({ id }) => id).join(', ') });
    }
    // Also where there is no record: a killed daemon may have left the directory.
    if (known === undefined) {
      if (without !== undefined) await world.volumes.remove(name);
      return;
    }
    await removeKnown(world, known);
    const { driver } = known;
    world.events.publish({ type: 'volume', action: 'destroy', actorId: name, attributes: { driver } });
  });
};

/** Told first: without its files it must not come back. */
const removeKnown = async (world: Needs, known: VolumeRecord): Promise<void> => {
  world.state.volumes.put({ ...known, isGoing: true }, 'anyhow');
  try {
    await world.volumes.remove(known.name);
  } catch (error) {
    world.state.volumes.put(known, 'anyhow');
    throw error;
  }
  world.state.volumes.remove(known.name, 'anyhow');
};

/** Those whose removal was cut off. Says what it did. */
export const finishRemovals = async (world: Needs): Promise<string[]> => {
  const going = world.state.volumes.list().filter(({ isGoing }) => isGoing === true);
  for (const { name } of going) await remove(world, name, { force: true });
  return going.map(({ name }) => `volume ${name}: finished its removal`);
};
