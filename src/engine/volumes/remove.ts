import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
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
    if (known !== undefined || without !== undefined) await world.volumes.remove(name);
    if (known === undefined) return;
    world.state.volumes.remove(name, 'anyhow');
    const { driver } = known;
    world.events.publish({ type: 'volume', action: 'destroy', actorId: name, attributes: { driver } });
  });
};
