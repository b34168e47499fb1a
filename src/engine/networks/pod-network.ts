import { formatCidr, formatIpv4, networkOf, parseCidr } from '#domain/network/cidr.ts';
import type { Network } from '#domain/network/network.ts';
import type { EngineSettings } from '#engine/world.ts';

const ID = 'pods';

/**
 * The network of pods that name none, where it is not the containers'. It stands in the settings alone, not among the
 * records: no container can ask for it, and nobody can remove it.
 */
export const podNetwork = ({ podBridge }: Pick<EngineSettings, 'podBridge'>): Network | undefined => {
  const address = podBridge === undefined ? undefined : parseCidr(podBridge.cidr);
  if (podBridge === undefined || address === undefined) return undefined;
  return {
    id: ID,
    name: ID,
    driver: 'bridge',
    createdAt: 0,
    subnet: formatCidr(networkOf(address)),
    gateway: formatIpv4(address.address),
    bridge: podBridge.name,
    options: {},
    labels: {},
  };
};
