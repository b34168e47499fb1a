import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { Network } from '#domain/network/network.ts';
import type { NetworkAnswer } from '#api/docker/schema/network.ts';
import { presentTime } from './time.ts';

type Answer = Static<typeof NetworkAnswer>;

/** A network with those of the given containers that are on it and run. */
export const presentNetwork = (network: Network, containers: readonly Container[]): Answer => ({
  Name: network.name,
  Id: network.id,
  Created: presentTime(network.createdAt),
  Scope: 'local',
  Driver: network.driver,
  EnableIPv4: true,
  EnableIPv6: false,
  IPAM: {
    Driver: 'default',
    Options: null,
    Config: network.subnet === '' ? null : [{ Subnet: network.subnet, Gateway: network.gateway }],
  },
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Containers: Object.fromEntries(containers.flatMap((container) => presentMember(network, container))),
  Options: { ...network.options },
  Labels: { ...network.labels },
});

const presentMember = (
  { id: networkId }: Network,
  { id, name, endpoints }: Container,
): [string, Answer['Containers'][string]][] => {
  const endpoint = Object.values(endpoints).find((each) => each.networkId === networkId);
  // Without an endpoint it is a member that does not run.
  if (endpoint === undefined || endpoint.endpointId === '') return [];
  const { endpointId, macAddress, ipAddress, ipPrefixLength } = endpoint;
  const address = ipAddress === '' ? '' : `${ipAddress}/${ipPrefixLength}`;
  return [
    [
      id,
      { Name: name, EndpointID: endpointId, MacAddress: macAddress, IPv4Address: address, IPv6Address: '' },
    ],
  ];
};
