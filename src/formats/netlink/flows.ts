import {
  attribute,
  byteAttribute,
  formatMessage,
  messageFlags,
  nestedAttribute,
  parseAttributes,
  wordAttribute,
} from './message.ts';

/** Nfnetlink messages for connection tracking (linux/netfilter/nfnetlink_conntrack.h), IPv4 only. */

const subsystem = 1 << 8;
const commands = { get: 1, delete: 2 } as const;
const flowAttribute = { original: 1, reply: 2, id: 12, filter: 25 } as const;
const tupleAttribute = { addresses: 1, protocol: 2 } as const;
const addressAttribute = { source: 1 } as const;
const protocolAttribute = { number: 1 } as const;
/** CTA_FILTER_REPLY_FLAGS and the bits of `enum ctattr_filter`: IP source, protocol number. */
const filterAttribute = { originalFlags: 1, replyFlags: 2 } as const;
const filterFlags = { ipSource: 1 << 0, protocolNumber: 1 << 3 } as const;
const ipv4 = 2;

const header = Buffer.from([ipv4, 0, 0, 0]);

/** Asks for flows that are answered from `address` over a protocol (kernel 5.8 filters; older ones answer with all). */
export const formatGetFlows = ({ address, protocol }: { address: Uint8Array; protocol: number }): Buffer =>
  formatMessage({
    type: subsystem | commands.get,
    flags: messageFlags.request | messageFlags.dump,
    body: [
      header,
      nestedAttribute(flowAttribute.reply, [
        nestedAttribute(tupleAttribute.addresses, [attribute(addressAttribute.source, address)]),
        nestedAttribute(tupleAttribute.protocol, [byteAttribute(protocolAttribute.number, protocol)]),
      ]),
      // Unlike all else in nfnetlink, these two are in the machine's own order.
      nestedAttribute(flowAttribute.filter, [
        wordAttribute(filterAttribute.originalFlags, 0),
        wordAttribute(filterAttribute.replyFlags, filterFlags.ipSource | filterFlags.protocolNumber),
      ]),
    ],
  });

export type Flow = {
  /** The tuple of the first packet, as it came: names the flow when deleting it. */
  readonly original: Buffer;
  readonly originalPort: number;
  readonly replySource: string;
  readonly replyPort: number;
  readonly protocol: number;
};

const ports = { source: 2, destination: 3 } as const;

/** Reads the body of an answer to `formatGetFlows`; undefined where it is no IPv4 flow. */
export const parseFlow = (body: Buffer): Flow | undefined => {
  const attributes = parseAttributes(body, 4);
  const original = attributes.get(flowAttribute.original);
  const reply = attributes.get(flowAttribute.reply);
  if (original === undefined || reply === undefined) return undefined;
  const protocolOf = (tuple: Buffer): Map<number, Buffer> =>
    parseAttributes(parseAttributes(tuple).get(tupleAttribute.protocol) ?? Buffer.alloc(0));
  const source = parseAttributes(parseAttributes(reply).get(tupleAttribute.addresses) ?? Buffer.alloc(0)).get(
    addressAttribute.source,
  );
  if (source === undefined) return undefined;
  return {
    original,
    originalPort: protocolOf(original).get(ports.destination)?.readUInt16BE(0) ?? 0,
    replySource: source.join('.'),
    replyPort: protocolOf(reply).get(ports.source)?.readUInt16BE(0) ?? 0,
    protocol: protocolOf(reply).get(protocolAttribute.number)?.readUInt8(0) ?? 0,
  };
};

export const formatDeleteFlow = ({ original }: Flow): Buffer =>
  formatMessage({
    type: subsystem | commands.delete,
    flags: messageFlags.request | messageFlags.ack,
    body: [header, nestedAttribute(flowAttribute.original, [original])],
  });
