import type { Container } from '#domain/container/container.ts';
import { containerEvent } from '#engine/events/container-event.ts';
import type { EngineWorld } from '#engine/world.ts';

type Needs = Pick<EngineWorld, 'events' | 'state'>;

export const announce = (
  { events }: Needs,
  action: string,
  container: Container,
  attributes: Readonly<Record<string, string>> = {},
): void => events.publish(containerEvent(action, container, attributes));

/** `connect` or `disconnect`, once per endpoint that has an address. */
export const announceNetworks = (
  world: Needs,
  action: 'connect' | 'disconnect',
  container: Container,
): void => {
  for (const { networkId } of Object.values(container.endpoints)) {
    const network = world.state.networks.get(networkId);
    if (network === undefined) continue;
    world.events.publish({
      type: 'network',
      action,
      actorId: network.id,
      attributes: { container: container.id, name: network.name, type: network.driver },
    });
  }
};

/** `mount` or `unmount`, once per volume. */
export const announceVolumes = (world: Needs, action: 'mount' | 'unmount', container: Container): void => {
  for (const { type, name, driver, destination, writable, propagation } of container.mounts) {
    if (type !== 'volume') continue;
    world.events.publish({
      type: 'volume',
      action,
      actorId: name,
      attributes: {
        driver,
        container: container.id,
        ...(action === 'mount' ? { destination, 'read/write': String(writable), propagation } : {}),
      },
    });
  }
};
