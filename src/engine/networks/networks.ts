import { randomId } from '#lib/random-id.ts';
import { formatCidr, formatIpv4, networkOf, parseCidr } from '#domain/network/cidr.ts';
import type { Network } from '#domain/network/network.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { NetworkOperations } from '#engine/engine.ts';
import type { EngineWorld } from '#engine/world.ts';

type Needs = Pick<EngineWorld, 'state' | 'clock' | 'settings'>;

/** Lookups: full id, name, unique id prefix, in that order. */
export const createNetworks = (world: Pick<Needs, 'state'>): NetworkOperations => ({
  list: () => world.state.networks.list(),
  get: (ref) => findNetwork(world.state.networks.list(), ref),
});

const findNetwork = (networks: readonly Network[], ref: string): Network => {
  const exact = networks.find(({ id }) => id === ref) ?? networks.find(({ name }) => name === ref);
  if (exact !== undefined) return exact;
  const [first, second] = ref === '' ? [] : networks.filter(({ id }) => id.startsWith(ref));
  if (first === undefined) throw engineError('network.not-found', { ref });
  if (second !== undefined) throw engineError('network.ambiguous', { ref });
  return first;
};

/**
 * The three networks that always exist (docker-semantics.md 18). Their ids stay for ever; the
 * bridge's addresses follow the daemon's settings.
 */
export const ensurePredefinedNetworks = ({ state, clock, settings }: Needs): void => {
  const known = new Map(state.networks.list().map((network) => [network.name, network]));
  for (const plan of predefined(settings)) {
    const before = known.get(plan.name);
    if (before !== undefined && isSame(before, plan)) continue;
    state.networks.put({
      ...plan,
      id: before?.id ?? randomId(),
      createdAt: before?.createdAt ?? clock.now(),
    });
  }
};

type Plan = Omit<Network, 'id' | 'createdAt'>;

const predefined = ({ bridge }: Needs['settings']): Plan[] => {
  const address = parseCidr(bridge.cidr);
  const plain = { subnet: '', gateway: '', bridge: '', options: {}, labels: {} };
  return [
    {
      name: 'bridge',
      driver: 'bridge',
      subnet: address === undefined ? '' : formatCidr(networkOf(address)),
      gateway: address === undefined ? '' : formatIpv4(address.address),
      bridge: bridge.name,
      options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
        'com.docker.network.bridge.name': bridge.name,
        'com.docker.network.driver.mtu': String(bridge.mtu),
      },
      labels: {},
    },
    { ...plain, name: 'host', driver: 'host' },
    { ...plain, name: 'none', driver: 'null' },
  ];
};

const isSame = (network: Network, { name, driver, subnet, gateway, bridge, options }: Plan): boolean =>
  network.name === name &&
  network.driver === driver &&
  network.subnet === subnet &&
  network.gateway === gateway &&
  network.bridge === bridge &&
  JSON.stringify(network.options) === JSON.stringify(options);
