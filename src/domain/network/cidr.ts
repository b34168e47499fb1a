/**
 * IPv4 addresses as unsigned 32-bit numbers and subnets as prefixes (RFC 4632). Text is parsed
 * strictly: four decimal parts without leading zeros, as inet_pton(3) takes them.
 */
export type Cidr = {
  /** The address as written; host bits are kept (`172.17.0.1/16` is an interface's address). */
  readonly address: number;
  /** 0..32 */
  readonly prefixLength: number;
};

/** undefined for anything but a dotted IPv4 address. */
export const parseIpv4 = (text: string): number | undefined => {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
};

export const formatIpv4 = (address: number): string =>
  [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');

/** undefined for anything but `a.b.c.d/length`. */
export const parseCidr = (text: string): Cidr | undefined => {
  const [addressText = '', lengthText = '', ...rest] = text.split('/');
  const address = parseIpv4(addressText);
  if (address === undefined || rest.length > 0 || !/^(?:0|[1-9]\d?)$/.test(lengthText)) return undefined;
  const prefixLength = Number(lengthText);
  return prefixLength > 32 ? undefined : { address, prefixLength };
};

export const formatCidr = ({ address, prefixLength }: Cidr): string =>
  `${formatIpv4(address)}/${prefixLength}`;

/** Number of addresses, network and broadcast included. */
export const countAddresses = ({ prefixLength }: Cidr): number => 2 ** (32 - prefixLength);

/** The subnet itself: host bits cleared. */
export const networkOf = ({ address, prefixLength }: Cidr): Cidr => ({
  address: address - (address % 2 ** (32 - prefixLength)),
  prefixLength,
});

/** The last address. */
export const broadcastOf = (subnet: Cidr): number => networkOf(subnet).address + countAddresses(subnet) - 1;

export const containsAddress = (subnet: Cidr, address: number): boolean =>
  address >= networkOf(subnet).address && address <= broadcastOf(subnet);

/** Whether two subnets share an address. */
export const overlaps = (one: Cidr, other: Cidr): boolean =>
  networkOf(one).address <= broadcastOf(other) && networkOf(other).address <= broadcastOf(one);

/** The nth address of a subnet, counted from 0 = the network's own; negative counts from the end. undefined outside. */
export const nthAddress = (subnet: Cidr, nth: number): number | undefined => {
  const address = nth < 0 ? broadcastOf(subnet) + 1 + nth : networkOf(subnet).address + nth;
  return containsAddress(subnet, address) ? address : undefined;
};
