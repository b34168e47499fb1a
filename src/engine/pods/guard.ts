import type { Container } from '#domain/container/container.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isPodLive } from '#domain/pod/lifecycle.ts';
import type { ContainerOperations } from '#engine/engine.ts';
import type { ContainerRecords } from '#engine/containers/records.ts';
import type { PodRecords } from './pod-records.ts';

type Guarded = Pick<ContainerOperations, 'start' | 'restart' | 'remove' | 'prune'>;

/**
 * Operations on containers as they are offered beside pods: nothing may take a container out of a pod that runs, or start
 * one where there is no ground to stand on.
 */
export const guardPods = <Operations extends Guarded>(
  operations: Operations,
  { records, pods }: { readonly records: ContainerRecords; readonly pods: PodRecords },
): Operations => {
  const podOf = (container: Container): ReturnType<PodRecords['find']> =>
    container.podId === undefined ? undefined : pods.find(container.podId);
  const refuseAtRest = (ref: string): Container => {
    const container = records.get(ref);
    if (!pods.isAtRest(container)) return container;
    const status = podOf(container)?.status ?? 'removing';
    throw engineError('pod.not-running', { id: container.podId ?? '', status });
  };
  const isHeld = (container: Container): boolean => isPodLive(podOf(container)?.status ?? 'stopped');
  return {
    ...operations,
    start: async (ref, options) => {
      const { podId } = refuseAtRest(ref);
      // A pod's container keeps the host configuration of its pod.
      await operations.start(ref, podId === undefined ? options : {});
    },
    restart: async (ref, options) => {
      refuseAtRest(ref);
      await operations.restart(ref, options);
    },
    remove: async (ref, options) => {
      // A link is not a container: its name says where it begins.
      const container = options.link ? undefined : records.get(ref);
      if (container !== undefined && isHeld(container))
        throw engineError('pod.owns-container', { name: container.name, pod: container.podId ?? '' });
      await operations.remove(ref, options);
    },
    prune: async (matches, signal) =>
      operations.prune((container) => !isHeld(container) && matches(container), signal),
  };
};
