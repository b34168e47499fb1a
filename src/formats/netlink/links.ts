import {
  attribute,
  byteAttribute,
  formatMessage,
  messageFlags,
  nestedAttribute,
  parseAttributes,
  readText,
  textAttribute,
  wordAttribute,
} from './message.ts';

/**
 * Rtnetlink messages for links (rtnetlink(7), linux/if_link.h): only the few that bridges and veth
 * pairs need.
 */

const types = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
} as const;

const inet = 2;
const inet6 = 10;

const linkAttribute = {
  address: 1,
  name: 3,
  mtu: 4,
  master: 10,
  info: 18,
  alias: 20,
  group: 27,
  namespaceDescriptor: 28,
  familySettings: 26,
} as const;

const infoAttribute = { kind: 1, data: 2, portKind: 4, portData: 5 } as const;
const vethPeer = 1;
const portAttribute = {
  mode: 4,
  learning: 8,
  unicastFlood: 9,
  flush: 24,
  multicastFlood: 27,
  broadcastFlood: 30,
  locked: 39,
} as const;
const inet6Attribute = { addressMode: 8 } as const;
const inetAttribute = { settings: 1 } as const;
/** Numbers of a link's settings for IPv4, as in `IPV4_DEVCONF_*`. */
const inetSetting = {
  proxyArp: 3,
  acceptRedirects: 4,
  secureRedirects: 5,
  sendRedirects: 6,
  acceptSourceRoute: 9,
} as const;
const noLinkLocal = 1;
const up = 1;

const acknowledged = messageFlags.request | messageFlags.ack;

type LinkHeader = { readonly index?: number; readonly up?: boolean };

const linkHeader = ({ index = 0, up: isUp }: LinkHeader): Buffer => {
  const header = Buffer.alloc(16);
  header.writeInt32LE(index, 4);
  if (isUp !== undefined) {
    header.writeUInt32LE(isUp ? up : 0, 8);
    header.writeUInt32LE(up, 12);
  }
  return header;
};

const macBytes = (text: string): Uint8Array =>
  Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));

/** No address is given to the link by itself: nothing speaks IPv6 on it. */
const silent = (): Buffer => nestedAttribute(inet6, [byteAttribute(inet6Attribute.addressMode, noLinkLocal)]);

/** Neighbours cannot change routes, and nobody is told of other ones or answered for others. */
const deaf = (): Buffer =>
  nestedAttribute(inet, [
    nestedAttribute(
      inetAttribute.settings,
      Object.values(inetSetting).map((setting) => wordAttribute(setting, 0)),
    ),
  ]);

const familySettings = ({ silentIpv6, deafIpv4 }: LinkChange): Buffer[] => {
  const families = [...(deafIpv4 === true ? [deaf()] : []), ...(silentIpv6 === true ? [silent()] : [])];
  return families.length === 0 ? [] : [nestedAttribute(linkAttribute.familySettings, families)];
};

export const formatCreateBridge = (bridge: { name: string; macAddress: string; mtu: number }): Buffer =>
  formatMessage({
    type: types.newLink,
    flags: acknowledged | messageFlags.create | messageFlags.exclusive,
    body: [
      linkHeader({}),
      textAttribute(linkAttribute.name, bridge.name),
      attribute(linkAttribute.address, macBytes(bridge.macAddress)),
      wordAttribute(linkAttribute.mtu, bridge.mtu),
      nestedAttribute(linkAttribute.info, [textAttribute(infoAttribute.kind, 'bridge')]),
    ],
  });

export type VethPair = {
  /** This side, enslaved to the bridge with index `master`. */
  readonly name: string;
  readonly master: number;
  readonly mtu: number;
  readonly peer: { readonly name: string; readonly macAddress: string; readonly namespaceDescriptor: number };
};

/** Both ends at once, both still down; the peer appears directly in its namespace. */
export const formatCreateVeth = ({ name, master, mtu, peer }: VethPair): Buffer =>
  formatMessage({
    type: types.newLink,
    flags: acknowledged | messageFlags.create | messageFlags.exclusive,
    body: [
      linkHeader({}),
      textAttribute(linkAttribute.name, name),
      wordAttribute(linkAttribute.mtu, mtu),
      wordAttribute(linkAttribute.master, master),
      nestedAttribute(linkAttribute.info, [
        textAttribute(infoAttribute.kind, 'veth'),
        nestedAttribute(infoAttribute.data, [
          attribute(
            vethPeer,
            Buffer.concat([
              linkHeader({}),
              textAttribute(linkAttribute.name, peer.name),
              attribute(linkAttribute.address, macBytes(peer.macAddress)),
              wordAttribute(linkAttribute.mtu, mtu),
              wordAttribute(linkAttribute.namespaceDescriptor, peer.namespaceDescriptor),
            ]),
          ),
        ]),
      ]),
    ],
  });

export type LinkChange = {
  readonly index?: number;
  readonly name?: string;
  readonly up?: boolean;
  readonly alias?: string;
  /** Index of the bridge. */
  readonly master?: number;
  readonly group?: number;
  readonly mtu?: number;
  readonly silentIpv6?: boolean;
  /** Takes no redirects, sends none, takes no source routes, answers for nobody else. */
  readonly deafIpv4?: boolean;
  readonly macAddress?: string;
  /** Of a bridge's port: may a frame leave where it came in. */
  readonly hairpin?: boolean;
  /** Of a bridge's port: send nothing there, take nothing from there (kernel 5.18) and forget the addresses learned. */
  readonly blocked?: boolean;
};

/** Changes an existing link, named by index or else by name. */
export const formatChangeLink = (change: LinkChange): Buffer => {
  const body: Uint8Array[] = [linkHeader(change)];
  if (change.name !== undefined) body.push(textAttribute(linkAttribute.name, change.name));
  if (change.alias !== undefined) body.push(attribute(linkAttribute.alias, Buffer.from(change.alias)));
  if (change.master !== undefined) body.push(wordAttribute(linkAttribute.master, change.master));
  if (change.group !== undefined) body.push(wordAttribute(linkAttribute.group, change.group));
  if (change.mtu !== undefined) body.push(wordAttribute(linkAttribute.mtu, change.mtu));
  if (change.macAddress !== undefined)
    body.push(attribute(linkAttribute.address, macBytes(change.macAddress)));
  body.push(...familySettings(change));
  const port = portSettings(change);
  if (port.length > 0) {
    body.push(
      nestedAttribute(linkAttribute.info, [
        textAttribute(infoAttribute.portKind, 'bridge'),
        nestedAttribute(infoAttribute.portData, port),
      ]),
    );
  }
  return formatMessage({ type: types.newLink, flags: acknowledged, body });
};

const portSettings = ({ hairpin, blocked }: LinkChange): Buffer[] => {
  const settings: Buffer[] = [];
  if (hairpin !== undefined) settings.push(byteAttribute(portAttribute.mode, hairpin ? 1 : 0));
  if (blocked === true) {
    // Not by the port's state: without STP the bridge sets that back at the next event of the link.
    const { flush, learning, unicastFlood, multicastFlood, broadcastFlood, locked } = portAttribute;
    settings.push(
      byteAttribute(learning, 0),
      byteAttribute(unicastFlood, 0),
      byteAttribute(multicastFlood, 0),
      byteAttribute(broadcastFlood, 0),
      byteAttribute(locked, 1),
      attribute(flush, Buffer.alloc(0)),
    );
  }
  return settings;
};

/** Removes one link, or at one stroke all of a group (one wait of the kernel for all of them). */
export const formatDeleteLink = (which: { index: number } | { group: number }): Buffer =>
  formatMessage({
    type: types.deleteLink,
    flags: acknowledged,
    body:
      'index' in which
        ? [linkHeader(which)]
        : [linkHeader({}), wordAttribute(linkAttribute.group, which.group)],
  });

/** Asks for one link by name, or for all. */
export const formatGetLink = (name?: string): Buffer =>
  formatMessage({
    type: types.getLink,
    flags: name === undefined ? messageFlags.request | messageFlags.dump : messageFlags.request,
    body: name === undefined ? [linkHeader({})] : [linkHeader({}), textAttribute(linkAttribute.name, name)],
  });

export type Link = {
  readonly index: number;
  readonly name: string;
  readonly alias: string;
  /** `bridge`, `veth`; '' for hardware. */
  readonly kind: string;
  /** Index of the bridge it belongs to; 0 = none. */
  readonly master: number;
  readonly macAddress: string;
  readonly mtu: number;
  readonly isUp: boolean;
};

/** Reads the body of an RTM_NEWLINK answer. */
export const parseLink = (body: Buffer): Link => {
  const attributes = parseAttributes(body, 16);
  const info = attributes.get(linkAttribute.info);
  return {
    index: body.readInt32LE(4),
    name: readText(attributes.get(linkAttribute.name)),
    alias: readText(attributes.get(linkAttribute.alias)),
    kind: info === undefined ? '' : readText(parseAttributes(info).get(infoAttribute.kind)),
    master: attributes.get(linkAttribute.master)?.readUInt32LE(0) ?? 0,
    macAddress: (attributes.get(linkAttribute.address)?.toString('hex').match(/../g) ?? []).join(':'),
    mtu: attributes.get(linkAttribute.mtu)?.readUInt32LE(0) ?? 0,
    isUp: (body.readUInt32LE(8) & up) !== 0,
  };
};
