import type { Pod, PublishedMapping } from '#domain/pod/pod.ts';
import { mappingOwner, portsOfMapping } from '#domain/pod/port-mappings.ts';
import type { PortMapping } from '#domain/pod/spec.ts';
import type { SandboxId } from '#domain/value/flavor.ts';
import { byFreedom } from '#domain/container/ports.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { PortRequest } from '#engine/ports/network.ts';
import type { PodContext } from './context.ts';

type Needs = Pick<PodContext, 'network'>;

/** What the record says before ports are opened: recovery opens those without ports, or closes them. */
export const intendedPorts = (sandboxId: SandboxId, mappings: readonly PortMapping[]): PublishedMapping[] =>
  mappings.map((mapping) => ({ mapping, owner: mappingOwner(sandboxId, mapping), ports: [] }));

/** Opens the ports of mappings that have none yet; all or none. Throws `port.*`. */
export const openPorts = async (
  world: Needs,
  address: string,
  intended: readonly PublishedMapping[],
): Promise<PublishedMapping[]> => {
  const opened = new Map<PublishedMapping, PublishedMapping>();
  try {
    for (const { one, requests } of inOrder(intended))
      opened.set(one, { ...one, ports: await world.network.publish(one.owner, address, requests) });
    return intended.map((one) => opened.get(one) ?? one);
  } catch (error) {
    await closePorts(world, [...opened.values()]);
    throw error;
  }
};

type Opening = { readonly one: PublishedMapping; readonly requests: readonly PortRequest[] };

/** Those that have no ports yet; who may have any port must not take one that another of the pod needs. */
const inOrder = (intended: readonly PublishedMapping[]): Opening[] =>
  intended
    .filter(({ ports }) => ports.length === 0)
    .map((one) => ({ one, requests: requestsOf(one.mapping) }))
    .toSorted(({ requests: [first] }, { requests: [second] }) =>
      first === undefined || second === undefined ? 0 : byFreedom(first, second),
    );

export const closePorts = async (world: Needs, mappings: readonly PublishedMapping[]): Promise<void> => {
  await Promise.all(mappings.map(async ({ owner }) => world.network.unpublish(owner)));
};

const requestsOf = (mapping: PortMapping): PortRequest[] =>
  portsOfMapping(mapping).map(({ containerPort, hostFirst, hostLast }) => ({
    containerPort,
    protocol: mapping.protocol,
    hostIp: '',
    hostPortFirst: hostFirst,
    hostPortLast: hostLast,
  }));

/** Where a pod's ports lead. */
export const podAddress = ({ endpoints }: Pod): string => endpoints[0]?.ipAddress ?? '';

/** A daemon that came back: the same ports again, and those that had not been opened yet. */
export const takeUpPorts = async (world: Needs, pod: Pod): Promise<PublishedMapping[]> => {
  const address = podAddress(pod);
  const taken: PublishedMapping[] = [];
  for (const one of pod.published) {
    if (one.ports.length > 0) {
      await world.network.republish(one.owner, address, one.ports);
      taken.push(one);
      continue;
    }
    try {
      taken.push(...(await openPorts(world, address, [one])));
    } catch (error) {
      // The change that was cut off would have been refused: as if nobody had asked for it.
      if (!isEngineError(error)) throw error;
    }
  }
  return taken;
};
