import { engineError } from '#domain/error/catalogue.ts';
import { isPodLive } from '#domain/pod/lifecycle.ts';
import type { Pod } from '#domain/pod/pod.ts';
import { isSameMapping, portsOfMapping } from '#domain/pod/port-mappings.ts';
import { refuseTwins, verifyService, withoutServices, withServices } from '#domain/pod/services.ts';
import type { PodService, PodSpec, PortMapping, WhiteLists } from '#domain/pod/spec.ts';
import { verifyWhiteLists } from '#domain/pod/verify-spec.ts';
import { announcePod } from './announce.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { permitPod } from './pod-records.ts';
import { closePorts, intendedPorts, openPorts, podAddress } from './publish.ts';
import { programRules, rulesOf } from './rules.ts';

/** Changes of a pod that is there, running or not. Each is stored before the machine follows it. */

export const setLabels = async (
  world: PodContext,
  ref: string,
  labels: Readonly<Record<string, string>>,
  replace: boolean,
): Promise<void> =>
  locked(world, ref, (pod) => {
    const taken = Object.keys(labels).find((label) => Object.hasOwn(pod.spec.labels, label));
    if (taken !== undefined && !replace) throw engineError('pod.label-exists', { label: taken });
    put(world, pod, { labels: { ...pod.spec.labels, ...labels } });
  });

export const addPorts = async (
  world: PodContext,
  ref: string,
  mappings: readonly PortMapping[],
): Promise<void> =>
  locked(world, ref, async (pod) => {
    permitPod(pod, 'change-ports');
    for (const mapping of mappings) portsOfMapping(mapping);
    const intended = intendedPorts(pod.sandboxId, mappings);
    const portMappings = [...mappings, ...pod.spec.portMappings];
    world.pods.put({
      ...pod,
      spec: { ...pod.spec, portMappings },
      published: [...intended, ...pod.published],
    });
    try {
      const opened = await openPorts(world, podAddress(pod), intended);
      const now = world.pods.change(pod.id, { published: [...opened, ...pod.published] }, 'now');
      await followRules(world, pod, now);
      announcePod(world, 'update', now);
    } catch (error) {
      world.pods.put(pod);
      throw error;
    }
  });

export const deletePorts = async (
  world: PodContext,
  ref: string,
  mappings: readonly PortMapping[],
): Promise<void> =>
  locked(world, ref, async (pod) => {
    const isGone = (one: PortMapping): boolean => mappings.some((mapping) => isSameMapping(one, mapping));
    const gone = pod.published.filter(({ mapping }) => isGone(mapping));
    const kept = pod.published.filter((one) => !gone.includes(one));
    const portMappings = pod.spec.portMappings.filter((mapping) => !isGone(mapping));
    const now = world.pods.put({ ...pod, spec: { ...pod.spec, portMappings }, published: kept });
    await closePorts(world, gone);
    await followRules(world, pod, now);
    announcePod(world, 'update', now);
  });

export const setWhiteLists = async (world: PodContext, ref: string, lists: WhiteLists): Promise<void> => {
  verifyWhiteLists(lists);
  await locked(world, ref, async (pod) => followRules(world, pod, put(world, pod, { whiteLists: lists })));
};

export const addServices = async (
  world: PodContext,
  ref: string,
  services: readonly PodService[],
): Promise<void> => changeServices(world, ref, services, (present) => withServices(present, services));

export const setServices = async (
  world: PodContext,
  ref: string,
  services: readonly PodService[],
): Promise<void> =>
  changeServices(world, ref, services, () => {
    refuseTwins(services);
    return services;
  });

export const deleteServices = async (
  world: PodContext,
  ref: string,
  services: readonly PodService[],
): Promise<void> => changeServices(world, ref, [], (present) => withoutServices(present, services));

const changeServices = async (
  world: PodContext,
  ref: string,
  fresh: readonly PodService[],
  change: (present: readonly PodService[]) => readonly PodService[],
): Promise<void> =>
  locked(world, ref, async (pod) => {
    fresh.forEach(verifyService);
    await followRules(world, pod, put(world, pod, { services: change(pod.spec.services) }));
  });

const put = (world: PodContext, pod: Pod, change: Partial<PodSpec>): Pod => {
  const changed = world.pods.put({ ...pod, spec: { ...pod.spec, ...change } });
  announcePod(world, 'update', changed);
  return changed;
};

/** A pod at rest gets its rules when it boots. */
const followRules = async (world: PodContext, before: Pod, now: Pod): Promise<void> => {
  if (!isPodLive(now.status) || JSON.stringify(rulesOf(before)) === JSON.stringify(rulesOf(now))) return;
  await programRules(world, now);
};

const locked = async (
  world: PodContext,
  ref: string,
  work: (pod: Pod) => Promise<void> | void,
): Promise<void> => {
  const { id } = world.pods.get(ref);
  await world.locks.run(podLock(id), async () => work(world.pods.known(id)));
};
