import {
  attribute,
  formatMessage,
  listAttributes,
  messageFlags,
  nestedAttribute,
  networkWordAttribute,
  parseAttributes,
  readText,
  textAttribute,
} from './message.ts';

/**
 * Nfnetlink messages for nf_tables (linux/netfilter/nf_tables.h): whether a table is there, and
 * elements of its sets and maps. Rules are written in nft's language, not here.
 */

const subsystem = 10 << 8;
const types = { batchBegin: 16, batchEnd: 17 } as const;
const commands = {
  getTable: 1,
  deleteTable: 2,
  getChain: 4,
  getRule: 7,
  newElement: 12,
  getElement: 13,
  deleteElement: 14,
} as const;

const families = { inet: 1, ipv4: 2 } as const;

const listAttribute = { table: 1, set: 2, elements: 3 } as const;
const listElement = 1;
const elementAttribute = { key: 1, data: 2, flags: 3, userData: 6 } as const;
const dataValue = 1;
const intervalEnd = 1;
const commentType = 0;
const chainAttribute = { table: 1, name: 3, policy: 5 } as const;

const familyHeader = (family: number, resource = 0): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUInt8(family, 0);
  header.writeUInt16BE(resource, 2);
  return header;
};

const tablesMessage = (parts: { command: number; flags: number; family?: number; body: Buffer[] }): Buffer =>
  formatMessage({
    type: subsystem | parts.command,
    flags: messageFlags.request | parts.flags,
    body: [familyHeader(parts.family ?? families.inet), ...parts.body],
  });

const batchEdge = (type: number): Buffer =>
  formatMessage({ type, flags: messageFlags.request, body: [familyHeader(0, subsystem >> 8)] });

/** Wraps changes so that the kernel does all of them or none. */
export const formatBatch = (changes: readonly Buffer[]): Buffer[] => [
  batchEdge(types.batchBegin),
  ...changes,
  batchEdge(types.batchEnd),
];

export type SetElement = {
  readonly key: Uint8Array;
  /** Value in a map; absent in a set. */
  readonly value?: Uint8Array;
  /** Shown by nft as a comment; at most 250 bytes. */
  readonly comment?: string;
  /** In a set of intervals: the first key behind one. */
  readonly isIntervalEnd?: boolean;
};

export type SetName = { readonly table: string; readonly set: string };

const formatElement = ({ key, value, comment, isIntervalEnd }: SetElement): Buffer => {
  const body = [nestedAttribute(elementAttribute.key, [attribute(dataValue, key)])];
  if (value !== undefined) body.push(nestedAttribute(elementAttribute.data, [attribute(dataValue, value)]));
  if (isIntervalEnd === true) body.push(networkWordAttribute(elementAttribute.flags, intervalEnd));
  if (comment !== undefined) {
    const text = Buffer.from(`${comment}\0`);
    // libnftnl's own layout of user data: type, length, value.
    const record = Buffer.concat([Uint8Array.of(commentType, text.length), text]);
    body.push(attribute(elementAttribute.userData, record));
  }
  return nestedAttribute(listElement, body);
};

const elementsMessage = (change: {
  command: number;
  flags: number;
  name: SetName;
  elements: readonly SetElement[];
}): Buffer =>
  tablesMessage({
    command: change.command,
    flags: change.flags | messageFlags.ack,
    body: [
      textAttribute(listAttribute.table, change.name.table),
      textAttribute(listAttribute.set, change.name.set),
      nestedAttribute(listAttribute.elements, change.elements.map(formatElement)),
    ],
  });

/** Part of a batch. */
export const formatAddElements = (name: SetName, elements: readonly SetElement[]): Buffer =>
  elementsMessage({ command: commands.newElement, flags: messageFlags.create, name, elements });

/** Part of a batch; one missing element fails the batch (ENOENT). */
export const formatDeleteElements = (name: SetName, elements: readonly SetElement[]): Buffer =>
  elementsMessage({ command: commands.deleteElement, flags: 0, name, elements });

export const formatGetElements = ({ table, set }: SetName): Buffer =>
  tablesMessage({
    command: commands.getElement,
    flags: messageFlags.dump,
    body: [textAttribute(listAttribute.table, table), textAttribute(listAttribute.set, set)],
  });

/** Reads the body of an answer to `formatGetElements`. */
export const parseElements = (body: Buffer): SetElement[] => {
  const list = parseAttributes(body, 4).get(listAttribute.elements);
  return list === undefined ? [] : listAttributes(list).map(({ payload }) => parseElement(payload));
};

const parseElement = (payload: Buffer): SetElement => {
  const attributes = parseAttributes(payload);
  const inner = (type: number): Buffer | undefined => {
    const data = attributes.get(type);
    return data === undefined ? undefined : parseAttributes(data).get(dataValue);
  };
  const value = inner(elementAttribute.data);
  const flags = attributes.get(elementAttribute.flags)?.readUInt32BE(0) ?? 0;
  const comment = parseComment(attributes.get(elementAttribute.userData));
  return {
    key: inner(elementAttribute.key) ?? Buffer.alloc(0),
    ...(value !== undefined && { value }),
    ...(comment !== undefined && { comment }),
    ...((flags & intervalEnd) !== 0 && { isIntervalEnd: true }),
  };
};

const parseComment = (userData: Buffer | undefined): string | undefined => {
  if (userData === undefined || userData[0] !== commentType) return undefined;
  return readText(userData.subarray(2, 2 + (userData[1] ?? 0)));
};

/** Answered by the table, or ENOENT. */
export const formatGetTable = (table: string): Buffer =>
  tablesMessage({ command: commands.getTable, flags: messageFlags.ack, body: [textAttribute(1, table)] });

/** Answered by one message for each rule of the table. */
export const formatGetRules = (table: string): Buffer =>
  tablesMessage({ command: commands.getRule, flags: messageFlags.dump, body: [textAttribute(1, table)] });

/** Part of a batch. */
export const formatDeleteTable = (table: string): Buffer =>
  tablesMessage({ command: commands.deleteTable, flags: messageFlags.ack, body: [textAttribute(1, table)] });

/** Answered by the chain of an `ip` table (where iptables-nft keeps its rules), or ENOENT. */
export const formatGetChain = (table: string, chain: string): Buffer =>
  tablesMessage({
    command: commands.getChain,
    flags: messageFlags.ack,
    family: families.ipv4,
    body: [textAttribute(chainAttribute.table, table), textAttribute(chainAttribute.name, chain)],
  });

/** Does this base chain drop what none of its rules accepts. */
export const parseChainDrops = (body: Buffer): boolean =>
  parseAttributes(body, 4).get(chainAttribute.policy)?.readUInt32BE(0) === 0;
