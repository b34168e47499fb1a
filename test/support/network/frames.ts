/** Ethernet frames that a hostile neighbour would send, as bytes. */

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd } as const;

const macBytes = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
const ipv4Bytes = (text: string): Buffer => Buffer.from(text.split('.').map(Number));
/** Eight groups, none left out. */
const ipv6Bytes = (text: string): Buffer =>
  Buffer.from(
    text
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );

const ethernet = (from: string, to: string, type: number, packet: Buffer): Buffer => {
  const header = Buffer.alloc(14);
  macBytes(to).copy(header, 0);
  macBytes(from).copy(header, 6);
  header.writeUInt16BE(type, 12);
  return Buffer.concat([header, packet]);
};

/** The Internet checksum (RFC 1071). */
const checksum = (bytes: Buffer): number => {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2)
    sum += at + 1 < bytes.length ? bytes.readUInt16BE(at) : (bytes[at] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

export type Advertisement = {
  /** Whose frame it is. */
  readonly mac: string;
  /** Eight groups; its first half becomes a route, and an address by autoconfiguration. */
  readonly prefix: string;
  /** Seconds as everybody's default router; 0 = none. */
  readonly lifetime: number;
};

const allNodes = { mac: '33:33:00:00:00:01', address: 'ff02:0:0:0:0:0:0:1' } as const;
const router = 'fe80:0:0:0:0:0:0:bad';
const icmpv6 = { protocol: 58, advertisement: 134 } as const;

/** A router advertisement (RFC 4861) to all nodes of the link. */
export const routerAdvertisement = ({ mac, prefix, lifetime }: Advertisement): Buffer => {
  const message = Buffer.alloc(16);
  message.writeUInt8(icmpv6.advertisement, 0);
  message.writeUInt8(64, 4);
  message.writeUInt16BE(lifetime, 6);
  const information = Buffer.alloc(32);
  information.set([3, 4, 64, 0xc0]);
  information.writeUInt32BE(600, 4);
  information.writeUInt32BE(600, 8);
  ipv6Bytes(prefix).copy(information, 16);
  const source = Buffer.concat([Buffer.from([1, 1]), macBytes(mac)]);
  const body = Buffer.concat([message, information, source]);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(body.length, 0);
  pseudo.writeUInt8(icmpv6.protocol, 7);
  const ends = Buffer.concat([ipv6Bytes(router), ipv6Bytes(allNodes.address)]);
  body.writeUInt16BE(checksum(Buffer.concat([ends, pseudo, body])), 2);
  const header = Buffer.alloc(8);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(body.length, 4);
  header.writeUInt8(icmpv6.protocol, 6);
  header.writeUInt8(255, 7);
  return ethernet(mac, allNodes.mac, etherTypes.ipv6, Buffer.concat([header, ends, body]));
};

const icmp = { protocol: 1, redirect: 5, forHost: 1 } as const;

const ipv4Packet = (source: string, destination: string, payload: Buffer): Buffer => {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(icmp.protocol, 9);
  ipv4Bytes(source).copy(header, 12);
  ipv4Bytes(destination).copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
};

export type Redirect = {
  readonly fromMac: string;
  readonly toMac: string;
  /** The gateway that speaks. */
  readonly gateway: string;
  /** To whom. */
  readonly host: string;
  /** For this destination ... */
  readonly destination: string;
  /** ... use this gateway instead. */
  readonly instead: string;
};

/** An ICMP redirect (RFC 792) about an echo reply that the host is said to have sent. */
export const icmpRedirect = (redirect: Redirect): Buffer => {
  const { fromMac, toMac, gateway, host, destination, instead } = redirect;
  const head = Buffer.alloc(4);
  head.writeUInt8(icmp.redirect, 0);
  head.writeUInt8(icmp.forHost, 1);
  const original = ipv4Packet(host, destination, Buffer.alloc(8));
  const message = Buffer.concat([head, ipv4Bytes(instead), original]);
  message.writeUInt16BE(checksum(message), 2);
  return ethernet(fromMac, toMac, etherTypes.ipv4, ipv4Packet(gateway, host, message));
};
