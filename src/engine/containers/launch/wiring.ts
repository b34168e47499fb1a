import type { Endpoint, PublishedPort } from '#domain/container/config.ts';
import type { Container } from '#domain/container/container.ts';
import { parseNetworkMode } from '#domain/container/network-mode.ts';
import { planPorts } from '#domain/container/ports.ts';
import { macOfAddress, parseMac } from '#domain/network/mac.ts';
import { parseIpv4 } from '#domain/network/cidr.ts';
import type { Network } from '#domain/network/network.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { randomId } from '#lib/random-id.ts';
import type { EndpointRequest } from '#engine/ports/network.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

type Needs = Pick<ContainerContext, 'networks' | 'addresses' | 'network' | 'settings'>;

/** How a container reaches the world: own namespace with endpoints, own without, the host's or another's. */
export type Wiring = {
  readonly kind: 'bridged' | 'none' | 'host' | 'joined';
  /** The container's endpoints with the addresses of this run. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly links: readonly Omit<EndpointRequest, 'networkPath'>[];
  /** Address behind which ports are published; '' = none. */
  readonly address: string;
  readonly gateway: string;
};

/** Takes the addresses of this run; `addresses.release(container.id)` gives them back. Throws `network.*`. */
export const planWiring = (world: Needs, container: Container): Wiring => {
  const kind = kindOf(container);
  if (kind !== 'bridged')
    return { kind, endpoints: container.endpoints, links: [], address: '', gateway: '' };
  const places = Object.entries(container.endpoints).map(([name, endpoint], index) =>
    planEndpoint(world, container, { name, endpoint, index }),
  );
  const first = places[0];
  return {
    kind,
    endpoints: Object.fromEntries(places.map(({ name, endpoint }) => [name, endpoint])),
    links: places.flatMap(({ link }) => (link === undefined ? [] : [link])),
    address: first?.endpoint.ipAddress ?? '',
    gateway: first?.endpoint.gateway ?? '',
  };
};

const kindOf = ({ config, host }: Container): Wiring['kind'] => {
  if (config.networkDisabled) return 'none';
  const { kind } = parseNetworkMode(host.networkMode);
  if (kind === 'container') return 'joined';
  return kind === 'named' ? 'bridged' : kind;
};

type Place = {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly link?: Omit<EndpointRequest, 'networkPath'>;
};

const planEndpoint = (
  world: Needs,
  container: Container,
  { name, endpoint, index }: { name: string; endpoint: Endpoint; index: number },
): Place => {
  const network = world.networks.get(name);
  if (network.driver !== 'bridge') throw engineError('network.not-found', { ref: name });
  const { address, prefixLength } = world.addresses.take(network, container.id, endpoint.requestedIpv4);
  const macAddress = parseMac(endpoint.requestedMacAddress) ?? macOfAddress(parseIpv4(address) ?? 0);
  const link = {
    endpointId: randomId(),
    bridge: network.bridge,
    interfaceName: `eth${index}`,
    address: `${address}/${prefixLength}`,
    // Only the first network is the way out.
    gateway: index === 0 ? network.gateway : '',
    macAddress,
    mtu: mtuOf(network, world.settings.bridge.mtu),
  };
  const { gateway, id } = { gateway: network.gateway, id: network.id };
  const placed = {
    networkId: id,
    endpointId: link.endpointId,
    gateway,
    ipAddress: address,
    ipPrefixLength: prefixLength,
  };
  return { name, endpoint: { ...endpoint, ...placed, macAddress }, link };
};

const mtuOf = (network: Network, fallback: number): number => {
  const asked = Number(network.options['com.docker.network.driver.mtu'] ?? fallback);
  return Number.isInteger(asked) && asked > 0 ? asked : fallback;
};

/** Puts the endpoints into the namespace. */
export const connect = async (
  world: Needs,
  wiring: Wiring,
  networkPath: string | undefined,
): Promise<void> => {
  if (networkPath === undefined) return;
  if (wiring.kind === 'none') await world.network.isolate(networkPath);
  // One after the other: interfaces come up in the order of their names.
  for (const link of wiring.links) await world.network.connect({ ...link, networkPath });
};

/** Opens the container's ports on the host; all or none. */
export const publish = async (
  world: Needs,
  container: Container,
  wiring: Wiring,
): Promise<PublishedPort[]> => {
  if (wiring.address === '') return [];
  const ports = planPorts(container.host, container.config.exposedPorts);
  return ports.length === 0 ? [] : world.network.publish(container.id, wiring.address, ports);
};
