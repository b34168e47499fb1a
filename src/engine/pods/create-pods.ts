import { engineError } from '#domain/error/catalogue.ts';
import type { PodOperations, SandboxOperations } from '#engine/engine.ts';

/** Binds every operation on pods to what it works with. */
export const createPods = (): { pods: PodOperations; sandboxes: SandboxOperations } => {
  const refuse = (): never => {
    throw engineError('pod.isolation', { isolation: 'namespace' });
  };
  const later = async (): Promise<never> => refuse();
  return {
    pods: {
      create: later,
      get: refuse,
      inspect: refuse,
      list: () => [],
      podOf: () => undefined,
      start: later,
      stop: later,
      restart: later,
      kill: later,
      pause: later,
      unpause: later,
      remove: later,
      setLabels: later,
      addContainer: later,
      startContainer: later,
      stopContainer: later,
      removeContainer: later,
      attach: later,
      stats: later,
      listPorts: refuse,
      addPorts: later,
      deletePorts: later,
      setWhiteLists: later,
      listServices: refuse,
      addServices: later,
      setServices: later,
      deleteServices: later,
    },
    sandboxes: { create: later, get: refuse, list: () => [], destroy: later },
  };
};
