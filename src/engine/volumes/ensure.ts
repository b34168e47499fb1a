import type { ContainerContext } from '#engine/containers/context.ts';
import type { VolumeRecord } from '#engine/ports/state-store.ts';

type Needs = Pick<ContainerContext, 'state' | 'volumes' | 'clock' | 'events' | 'locks'>;
type Wanted = Omit<VolumeRecord, 'mountpoint' | 'createdAt'>;

/** The volume of this name as it is, or a new one. Not while another makes or removes it. */
export const ensure = async (world: Needs, wanted: Wanted): Promise<VolumeRecord> =>
  world.locks.run(`volume:${wanted.name}`, async () => {
    const known = world.state.volumes.get(wanted.name);
    if (known !== undefined) return known;
    const mountpoint = await world.volumes.create(wanted.name);
    const volume: VolumeRecord = { ...wanted, mountpoint, createdAt: world.clock.now() };
    world.state.volumes.put(volume);
    const { name, driver } = wanted;
    world.events.publish({ type: 'volume', action: 'create', actorId: name, attributes: { driver } });
    return volume;
  });
