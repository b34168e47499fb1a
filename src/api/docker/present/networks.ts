import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { Endpoint } from '#domain/container/config.ts';
import type { EndpointAnswer, NetworkSettingsAnswer } from '#api/docker/schema/container.ts';

type Settings = Static<typeof NetworkSettingsAnswer>;
type PortMap = Settings['Ports'];

const NO_ENDPOINT: Endpoint = {
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

/** `NetworkSettings` of inspect; the top-level addresses are those of the default bridge (docker-shapes.md 4a). */
export const presentNetworkSettings = (container: Container, sandboxKey: string): Settings => {
  const bridge = container.endpoints['bridge'] ?? NO_ENDPOINT;
  const isUp = container.state.pid !== 0;
  return {
    Bridge: '',
    SandboxID: isUp ? container.sandboxId : '',
    SandboxKey: isUp ? sandboxKey : '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    Ports: isUp ? presentPortMap(container) : {},
    PortMapping: null,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    NetworkID: bridge.networkId,
    EndpointID: bridge.endpointId,
    Gateway: bridge.gateway,
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: bridge.ipAddress,
    IPPrefixLen: bridge.ipPrefixLength,
    IPv6Gateway: '',
    MacAddress: bridge.macAddress,
    IpAddress: bridge.ipAddress,
    IpPrefixLen: bridge.ipPrefixLength,
    Networks: presentEndpoints(container),
  };
};

export const presentEndpoints = (container: Container): Record<string, Static<typeof EndpointAnswer>> =>
  Object.fromEntries(
    Object.entries(container.endpoints).map(([name, endpoint]) => [
      name,
      presentEndpoint(endpoint, BUILT_IN.has(name) ? null : namesOn(container, endpoint)),
    ]),
  );

/** Networks without a name service of their own. */
const BUILT_IN: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** By which names others on the network find it. */
const namesOn = ({ id, name, config }: Container, { aliases }: Endpoint): string[] => [
  ...new Set([name, ...aliases, id.slice(0, 12), config.hostname].filter((each) => each !== '')),
];

const filledOrNull = (list: readonly string[]): string[] | null => (list.length === 0 ? null : [...list]);

const presentEndpoint = (endpoint: Endpoint, dnsNames: string[] | null): Static<typeof EndpointAnswer> => ({
  IPAMConfig:
    endpoint.requestedIpv4 === '' && endpoint.requestedIpv6 === ''
      ? null
      : {
          ...(endpoint.requestedIpv4 === '' ? {} : { IPv4Address: endpoint.requestedIpv4 }),
          ...(endpoint.requestedIpv6 === '' ? {} : { IPv6Address: endpoint.requestedIpv6 }),
        },
  Links: filledOrNull(endpoint.links),
  Aliases: filledOrNull(endpoint.aliases),
  MacAddress: endpoint.macAddress,
  DriverOpts: Object.keys(endpoint.driverOptions).length === 0 ? null : { ...endpoint.driverOptions },
  GwPriority: endpoint.gatewayPriority,
  NetworkID: endpoint.networkId,
  EndpointID: endpoint.endpointId,
  Gateway: endpoint.gateway,
  IPAddress: endpoint.ipAddress,
  IPPrefixLen: endpoint.ipPrefixLength,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  DNSNames: dnsNames,
});

/** Exposed ports, `null` where not published, else one entry per host address. */
const presentPortMap = ({ config, published }: Container): PortMap => {
  const map: PortMap = Object.fromEntries(config.exposedPorts.map((port) => [port, null]));
  for (const port of published) {
    const key = `${port.containerPort}/${port.protocol}`;
    map[key] = [...(map[key] ?? []), { HostIp: port.hostIp, HostPort: String(port.hostPort) }];
  }
  return map;
};
