import { parseAttributes, readText } from './message.ts';
import type { Message } from './message.ts';

/** What the kernel tells of changes (linux/netfilter/nf_tables.h, rtnetlink(7)): as little as is asked for here. */

const subsystem = 10;
const commands = {
  newTable: 0,
  deleteTable: 2,
  newChain: 3,
  deleteChain: 5,
  deleteRule: 8,
  deleteSet: 11,
  deleteElement: 14,
} as const;

type Command = (typeof commands)[keyof typeof commands];

const isKnown = (command: number): command is Command =>
  Object.values(commands).some((known) => known === command);

const losses: readonly number[] = [
  commands.deleteTable,
  commands.deleteChain,
  commands.deleteRule,
  commands.deleteSet,
  commands.deleteElement,
];

export type RulesetNews = {
  readonly table: string;
  /** Something of it went, or all of it. */
  readonly isLoss: boolean;
};

/** undefined for what only adds to a table, and for what tells of none. */
export const parseRulesetNews = ({ type, body }: Message): RulesetNews | undefined => {
  const command = type & 0xff;
  if (type >> 8 !== subsystem || !isKnown(command)) return undefined;
  // The first attribute of each of them is the table's name.
  return { table: readText(parseAttributes(body, 4).get(1)), isLoss: losses.includes(command) };
};

const deleteAddress = 21;

export const isAddressLoss = ({ type }: Message): boolean => type === deleteAddress;
