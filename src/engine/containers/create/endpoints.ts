import type { ContainerConfig, Endpoint, HostConfig } from '#domain/container/config.ts';
import { DEFAULT_NETWORK, parseNetworkMode } from '#domain/container/network-mode.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { Network } from '#domain/network/network.ts';
import type { CreateContainer, NetworkOperations } from '#engine/engine.ts';

const EMPTY: Endpoint = {
  networkId: '',
  endpointId: '',
  gateway: '',
  ipAddress: '',
  ipPrefixLength: 0,
  macAddress: '',
  aliases: [],
  links: [],
  driverOptions: {},
  requestedIpv4: '',
  requestedIpv6: '',
  requestedMacAddress: '',
  gatewayPriority: 0,
};

type Wanted = {
  readonly host: Pick<HostConfig, 'networkMode'>;
  readonly config: Pick<ContainerConfig, 'macAddress' | 'networkDisabled'>;
  readonly endpoints: CreateContainer['endpoints'];
};

/** A container's places by network name; the network of its mode comes first. Unknown networks fail at start, not here. */
export const planEndpoints = (networks: NetworkOperations, wanted: Wanted): Record<string, Endpoint> => {
  const mode = parseNetworkMode(wanted.host.networkMode);
  if (mode.kind === 'container') return {};
  const first = mode.kind === 'named' ? mode.network : mode.kind;
  const asked = new Map(
    Object.entries(wanted.endpoints).map(([ref, endpoint]) => [nameOf(networks, ref), endpoint]),
  );
  const names = new Set([nameOf(networks, wanted.config.networkDisabled ? 'none' : first), ...asked.keys()]);
  return Object.fromEntries(
    [...names].map((name, index) => {
      const own = asked.get(name) ?? {};
      const requestedMacAddress = own.requestedMacAddress ?? (index === 0 ? wanted.config.macAddress : '');
      const network = find(networks, name);
      verifyAddress(own, network);
      return [name, { ...EMPTY, ...own, requestedMacAddress, networkId: network?.id ?? '' }];
    }),
  );
};

const nameOf = (networks: NetworkOperations, ref: string): string => {
  const name = ref === 'default' || ref === '' ? DEFAULT_NETWORK : ref;
  return find(networks, name)?.name ?? name;
};

const find = (networks: NetworkOperations, ref: string): Network | undefined => {
  try {
    return networks.get(ref);
  } catch (error) {
    // It may be made before the start.
    if (isEngineError(error)) return undefined;
    throw error;
  }
};

/** The default networks hand out addresses themselves. */
const verifyAddress = (own: Partial<Endpoint>, network: Network | undefined): void => {
  const isAsked = (own.requestedIpv4 ?? '') !== '' || (own.requestedIpv6 ?? '') !== '';
  if (isAsked && network !== undefined && ['bridge', 'host', 'none'].includes(network.name)) {
    throw engineError('network.requested-address');
  }
};
