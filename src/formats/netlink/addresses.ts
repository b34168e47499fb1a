import { attribute, formatMessage, messageFlags, parseAttributes, wordAttribute } from './message.ts';

/** Rtnetlink messages for addresses and routes (rtnetlink(7)), IPv4 only. */

const types = { newAddress: 20, deleteAddress: 21, getAddress: 22, newRoute: 24 } as const;

const families = { inet: 2 } as const;

const acknowledged = messageFlags.request | messageFlags.ack;

const ipv4Bytes = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number);

const addressAttribute = { address: 1, local: 2, broadcast: 4 } as const;

export type LinkAddress = {
  readonly index: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly broadcast?: string;
};

const addressMessage = (
  type: number,
  flags: number,
  { index, address, prefixLength, broadcast }: LinkAddress,
): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(families.inet, 0);
  header.writeUInt8(prefixLength, 1);
  header.writeUInt32LE(index, 4);
  const body = [
    header,
    attribute(addressAttribute.local, ipv4Bytes(address)),
    attribute(addressAttribute.address, ipv4Bytes(address)),
  ];
  if (broadcast !== undefined) body.push(attribute(addressAttribute.broadcast, ipv4Bytes(broadcast)));
  return formatMessage({ type, flags: acknowledged | flags, body });
};

export const formatAddAddress = (address: LinkAddress): Buffer =>
  addressMessage(types.newAddress, messageFlags.create | messageFlags.exclusive, address);

export const formatDeleteAddress = (address: LinkAddress): Buffer =>
  addressMessage(types.deleteAddress, 0, address);

/** Asks for the IPv4 addresses of all links. */
export const formatGetAddresses = (): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(families.inet, 0);
  return formatMessage({
    type: types.getAddress,
    flags: messageFlags.request | messageFlags.dump,
    body: [header],
  });
};

/** Reads the body of an RTM_NEWADDR answer. */
export const parseAddress = (body: Buffer): LinkAddress => ({
  index: body.readUInt32LE(4),
  prefixLength: body.readUInt8(1),
  address: (parseAttributes(body, 8).get(addressAttribute.local) ?? Buffer.alloc(4)).join('.'),
});

const routeAttribute = { outgoing: 4, gateway: 5 } as const;
const route = { mainTable: 254, protocolBoot: 3, universe: 0, unicast: 1 } as const;

export const formatAddDefaultRoute = ({ index, gateway }: { index: number; gateway: string }): Buffer => {
  const header = Buffer.alloc(12);
  header.writeUInt8(families.inet, 0);
  header.writeUInt8(route.mainTable, 4);
  header.writeUInt8(route.protocolBoot, 5);
  header.writeUInt8(route.universe, 6);
  header.writeUInt8(route.unicast, 7);
  return formatMessage({
    type: types.newRoute,
    flags: acknowledged | messageFlags.create | messageFlags.exclusive,
    body: [
      header,
      attribute(routeAttribute.gateway, ipv4Bytes(gateway)),
      wordAttribute(routeAttribute.outgoing, index),
    ],
  });
};
