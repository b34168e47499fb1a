import { allocateAddress } from '#domain/network/allocate.ts';
import {
  containsAddress,
  formatIpv4,
  networkOf,
  broadcastOf,
  parseCidr,
  parseIpv4,
} from '#domain/network/cidr.ts';
import type { Network } from '#domain/network/network.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { NetworkId } from '#domain/value/flavor.ts';

type Pool = { readonly holders: Map<number, string>; last: number | undefined };

/** Addresses in use, by network. In memory: the records of running containers say it all again after a restart. */
export class AddressBook {
  readonly #pools = new Map<NetworkId, Pool>();

  /** A free address, or the wanted one; throws `network.no-addresses`, `network.address-in-use`, `network.address-outside`. */
  take(network: Network, holder: string, wanted = ''): { address: string; prefixLength: number } {
    const subnet = parseCidr(network.subnet);
    if (subnet === undefined) throw engineError('network.no-addresses', { network: network.name });
    const pool = this.#poolOf(network);
    const used = new Set(pool.holders.keys());
    const address = wanted === '' ? allocateAddress(subnet, { used, last: pool.last }) : parseIpv4(wanted);
    if (address === undefined) throw this.#noAddress(network, wanted);
    if (wanted !== '') this.#verifyWanted(network, address, wanted);
    pool.holders.set(address, holder);
    if (wanted === '') pool.last = address;
    return { address: formatIpv4(address), prefixLength: subnet.prefixLength };
  }

  /** Notes an address that is in use already (found at recovery). */
  adopt(network: Network, holder: string, address: string): void {
    const number = parseIpv4(address);
    if (number !== undefined) this.#poolOf(network).holders.set(number, holder);
  }

  release(holder: string): void {
    for (const { holders } of this.#pools.values()) {
      for (const [address, by] of holders) if (by === holder) holders.delete(address);
    }
  }

  #poolOf(network: Network): Pool {
    const known = this.#pools.get(network.id);
    if (known !== undefined) return known;
    const gateway = parseIpv4(network.gateway);
    const pool: Pool = {
      holders: new Map(gateway === undefined ? [] : [[gateway, network.id]]),
      last: undefined,
    };
    this.#pools.set(network.id, pool);
    return pool;
  }

  #verifyWanted(network: Network, address: number, text: string): void {
    const subnet = parseCidr(network.subnet);
    const isInside =
      subnet !== undefined &&
      containsAddress(subnet, address) &&
      address !== networkOf(subnet).address &&
      address !== broadcastOf(subnet);
    if (!isInside) throw engineError('network.address-outside', { address: text, network: network.name });
    if (this.#poolOf(network).holders.has(address)) {
      throw engineError('network.address-in-use', { address: text, network: network.name });
    }
  }

  #noAddress(network: Network, wanted: string): Error {
    return wanted === ''
      ? engineError('network.no-addresses', { network: network.name })
      : engineError('network.address-outside', { address: wanted, network: network.name });
  }
}
