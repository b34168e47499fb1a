import { EngineError } from '#domain/error/engine-error.ts';
import { broadcastOf, formatIpv4, parseCidr } from '#domain/network/cidr.ts';
import { macOfAddress } from '#domain/network/mac.ts';
import type { BridgeRequest } from '#engine/ports/network.ts';
import {
  formatAddAddress,
  formatDeleteAddress,
  formatGetAddresses,
  parseAddress,
} from '#formats/netlink/addresses.ts';
import {
  formatChangeLink,
  formatCreateBridge,
  formatDeleteLink,
  formatGetLink,
  parseLink,
} from '#formats/netlink/links.ts';
import type { LinkAddress } from '#formats/netlink/addresses.ts';
import type { Link } from '#formats/netlink/links.ts';
import { SystemCallError } from '#adapters/libc/library.ts';
import type { NetlinkSocket } from '#adapters/libc/netlink.ts';
import { deafenBridge } from './kernel-settings.ts';

/** Every link of this daemon says so in its alias: `gantry:<tag>` a bridge, `gantry:<tag>:<endpoint>` an endpoint. */
export const aliasOf = (tag: string, endpointId?: string): string =>
  endpointId === undefined ? `gantry:${tag}` : `gantry:${tag}:${endpointId}`;

export const listLinks = (socket: NetlinkSocket): Link[] =>
  socket.query('listing links', formatGetLink()).map(({ body }) => parseLink(body));

/** undefined when there is no link of this name. */
export const findLink = (socket: NetlinkSocket, name: string): Link | undefined => {
  try {
    const [reply] = socket.query(`looking for ${name}`, formatGetLink(name));
    return reply === undefined ? undefined : parseLink(reply.body);
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENODEV') return undefined;
    throw error;
  }
};

/**
 * Makes the bridge or takes over one that is there. A bridge without alias belongs to the
 * administrator: it gets our address beside its own, keeps its settings
 * (it may be the machine's way out) and is never removed.
 */
export const ensureBridgeLink = (
  { socket, tag, warn }: { socket: NetlinkSocket; tag: string; warn: (text: string) => void },
  request: BridgeRequest,
): void => {
  const wanted = parseCidr(request.address);
  if (wanted === undefined) {
    const { address } = request;
    throw new EngineError(
      'invalid',
      'network.address',
      `"${address}" is no IPv4 address with prefix length`,
      {
        params: { address },
      },
    );
  }
  const link = findLink(socket, request.name) ?? createBridge(socket, tag, request);
  refuseForeign(link, tag);
  const isOurs = link.alias === aliasOf(tag);
  if (isOurs) deafenBridge(request.name, warn);
  const present = addressesOf(socket, link);
  const address = formatIpv4(wanted.address);
  const isWanted = (other: (typeof present)[number]): boolean =>
    other.address === address && other.prefixLength === wanted.prefixLength;
  const messages = isOurs ? present.filter((other) => !isWanted(other)).map(formatDeleteAddress) : [];
  if (!present.some(isWanted)) {
    const broadcast = formatIpv4(broadcastOf(wanted));
    messages.push(
      formatAddAddress({ index: link.index, address, prefixLength: wanted.prefixLength, broadcast }),
    );
  }
  messages.push(
    formatChangeLink({ index: link.index, up: true, ...(isOurs && { mtu: request.mtu, deafIpv4: true }) }),
  );
  socket.request(`configuring bridge ${request.name}`, messages);
};

const addressesOf = (socket: NetlinkSocket, link: Link): LinkAddress[] =>
  socket
    .query('reading addresses', formatGetAddresses())
    .map(({ body }) => parseAddress(body))
    .filter(({ index }) => index === link.index);

/** `cidr` is an address with prefix length. */
export const hasAddress = (socket: NetlinkSocket, link: Link, cidr: string): boolean =>
  addressesOf(socket, link).some(({ address, prefixLength }) => `${address}/${prefixLength}` === cidr);

const createBridge = (socket: NetlinkSocket, tag: string, { name, address, mtu }: BridgeRequest): Link => {
  const macAddress = macOfAddress(parseCidr(address)?.address ?? 0);
  socket.request(`making bridge ${name}`, [
    formatCreateBridge({ name, macAddress, mtu }),
    formatChangeLink({ name, alias: aliasOf(tag), silentIpv6: true }),
  ]);
  const link = findLink(socket, name);
  if (link === undefined)
    throw new EngineError('internal', 'network.bridge-vanished', `bridge ${name} vanished`);
  return link;
};

const refuseForeign = ({ name, kind, alias }: Link, tag: string): void => {
  const isFree = kind === 'bridge' && (alias === aliasOf(tag) || !alias.startsWith('gantry:'));
  if (isFree) return;
  const reason = kind === 'bridge' ? 'it belongs to another daemon' : 'it is not a bridge';
  throw new EngineError('conflict', 'network.bridge-taken', `cannot use the link ${name}: ${reason}`, {
    params: { name, reason },
  });
};

/** Removes a bridge of this daemon; leaves an administrator's bridge alone. Fine when missing. */
export const removeBridgeLink = (socket: NetlinkSocket, tag: string, name: string): void => {
  const link = findLink(socket, name);
  if (link === undefined || link.alias !== aliasOf(tag)) return;
  socket.request(`removing bridge ${name}`, [formatDeleteLink({ index: link.index })]);
};
