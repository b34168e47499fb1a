/**
 * Netlink messages and attributes (netlink(7)): byte layout only, in the machine's own order, which
 * is little-endian on every machine Node 24 supports here.
 */

export const messageFlags = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
} as const;

/** Attribute holds attributes. */
const nestedFlag = 0x8000;
const typeMask = 0x3fff;

export const headerLength = 16;

export const messageTypes = { noop: 1, error: 2, done: 3 } as const;

const align = (length: number): number => (length + 3) & ~3;

/** One attribute with `payload` as it is. */
export const attribute = (type: number, payload: Uint8Array): Buffer => {
  const buffer = Buffer.alloc(align(4 + payload.length));
  buffer.writeUInt16LE(4 + payload.length, 0);
  buffer.writeUInt16LE(type, 2);
  buffer.set(payload, 4);
  return buffer;
};

export const byteAttribute = (type: number, value: number): Buffer => attribute(type, Uint8Array.of(value));

export const wordAttribute = (type: number, value: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32LE(value);
  return attribute(type, payload);
};

/** A 32-bit number in network order, as nfnetlink wants it. */
export const networkWordAttribute = (type: number, value: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return attribute(type, payload);
};

/** A text ended by NUL. */
export const textAttribute = (type: number, text: string): Buffer =>
  attribute(type, Buffer.from(`${text}\0`));

export const nestedAttribute = (type: number, inner: readonly Uint8Array[]): Buffer =>
  attribute(type | nestedFlag, Buffer.concat(inner));

export type MessageParts = {
  readonly type: number;
  readonly flags: number;
  /** The family's fixed header and the attributes, each already padded to four bytes. */
  readonly body: readonly Uint8Array[];
};

/** A message without its sequence number, which the socket fills in. */
export const formatMessage = ({ type, flags, body }: MessageParts): Buffer => {
  const header = Buffer.alloc(headerLength);
  const message = Buffer.concat([header, ...body]);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  return message;
};

export const setSequence = (message: Buffer, sequence: number): void => {
  message.writeUInt32LE(sequence, 8);
};

export type Message = {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Buffer;
};

/** The messages of one datagram; a cut-off one at the end is left out. */
export const parseMessages = (datagram: Buffer): Message[] => {
  const messages: Message[] = [];
  let offset = 0;
  while (offset + headerLength <= datagram.length) {
    const length = datagram.readUInt32LE(offset);
    if (length < headerLength || offset + length > datagram.length) break;
    messages.push({
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      body: datagram.subarray(offset + headerLength, offset + length),
    });
    offset += align(length);
  }
  return messages;
};

/** Attributes in order, from `offset` on (behind the family's fixed header). */
export const listAttributes = (buffer: Buffer, offset = 0): { type: number; payload: Buffer }[] => {
  const attributes: { type: number; payload: Buffer }[] = [];
  let at = offset;
  while (at + 4 <= buffer.length) {
    const length = buffer.readUInt16LE(at);
    if (length < 4 || at + length > buffer.length) break;
    attributes.push({
      type: buffer.readUInt16LE(at + 2) & typeMask,
      payload: buffer.subarray(at + 4, at + length),
    });
    at += align(length);
  }
  return attributes;
};

/** Attributes by type; of a repeated type the last. */
export const parseAttributes = (buffer: Buffer, offset = 0): Map<number, Buffer> =>
  new Map(listAttributes(buffer, offset).map(({ type, payload }) => [type, payload]));

/** A text attribute without its NUL; '' when absent. */
export const readText = (payload: Buffer | undefined): string =>
  payload?.toString().replace(/\0+$/, '') ?? '';

export type Acknowledgement = {
  /** 0 = done, else a positive errno. */
  readonly errno: number;
  readonly sequence: number;
  /** The kernel's own words where it has some (NETLINK_EXT_ACK); '' otherwise. */
  readonly reason: string;
};

const acknowledgementFlags = { capped: 0x100, attributes: 0x200 } as const;
const reasonAttribute = 1;

/** Reads an NLMSG_ERROR message. */
export const parseAcknowledgement = ({ flags, sequence, body }: Message): Acknowledgement => {
  // The original message follows the errno: whole on failure unless capped, only its header on success.
  const original = 4 + headerLength;
  const isCapped = (flags & acknowledgementFlags.capped) !== 0;
  const errno = -body.readInt32LE(0);
  const end = isCapped || errno === 0 ? original : 4 + align(body.readUInt32LE(4));
  const hasReason = (flags & acknowledgementFlags.attributes) !== 0;
  const reason = hasReason ? readText(parseAttributes(body, end).get(reasonAttribute)) : '';
  return { errno, sequence, reason };
};
