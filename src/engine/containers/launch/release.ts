import type { Container } from '#domain/container/container.ts';
import { ownSandboxId } from '#domain/container/names.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

type Needs = Pick<
  ContainerContext,
  'runtime' | 'network' | 'sandboxes' | 'snapshotter' | 'volumeMounts' | 'addresses' | 'log'
>;

/**
 * Gives back what a run of the container held. Every step is tried; what fails is logged and left to
 * the next recovery, because an end must always come through.
 */
export const release = async (world: Needs, container: Container): Promise<void> => {
  const { id } = container;
  const endpointIds = Object.values(container.endpoints).flatMap(({ endpointId }) =>
    endpointId === '' ? [] : [endpointId],
  );
  const attempt = async (step: string, work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      world.log('warn', 'a resource of a container could not be released', { container: id, step, error });
    }
  };
  await Promise.all([
    attempt('runtime', world.runtime.delete(id)),
    ...(endpointIds.length === 0 ? [] : [attempt('ports', world.network.unpublish(id))]),
    ...endpointIds.map((endpointId) => attempt('endpoint', world.network.disconnect(endpointId))),
    ...(container.podId === undefined ? [attempt('sandbox', world.sandboxes.remove(ownSandboxId(id)))] : []),
    attempt('root', world.snapshotter.unmountRoot(id)),
    attempt('volumes', world.volumeMounts.release(id)),
  ]);
  world.addresses.release(id);
};
