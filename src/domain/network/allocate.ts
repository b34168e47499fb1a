import { broadcastOf, countAddresses, networkOf } from './cidr.ts';
import type { Cidr } from './cidr.ts';

/**
 * The next free address of a subnet, behind the one given out last and round to the start, so that
 * an address just released is the last to be used again. Never the network's own or its broadcast
 * address (subnets of two addresses or fewer have neither, RFC 3021). undefined when all are in use.
 */
export const allocateAddress = (
  subnet: Cidr,
  { used, last }: { readonly used: ReadonlySet<number>; readonly last?: number | undefined },
): number | undefined => {
  const isTiny = countAddresses(subnet) <= 2;
  const first = networkOf(subnet).address + (isTiny ? 0 : 1);
  const end = broadcastOf(subnet) - (isTiny ? 0 : 1);
  const count = end - first + 1;
  const start = last === undefined || last < first || last >= end ? first : last + 1;
  // At most one more than are in use need be looked at.
  const tries = Math.min(count, used.size + 1);
  for (let step = 0; step < tries; step += 1) {
    const address = first + ((start - first + step) % count);
    if (!used.has(address)) return address;
  }
  return undefined;
};

/** The first of `pool`'s subnets of the given length that overlaps none of those in use. */
export const allocateSubnet = (
  pool: readonly { readonly base: Cidr; readonly prefixLength: number }[],
  isFree: (subnet: Cidr) => boolean,
): Cidr | undefined => {
  for (const { base, prefixLength } of pool) {
    const step = 2 ** (32 - prefixLength);
    for (let { address } = networkOf(base); address <= broadcastOf(base); address += step) {
      const subnet = { address, prefixLength };
      if (isFree(subnet)) return subnet;
    }
  }
  return undefined;
};
