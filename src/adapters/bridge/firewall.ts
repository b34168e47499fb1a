import { spawnSync } from 'node:child_process';
import type { PublishedPort } from '#domain/container/config.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { broadcastOf, formatIpv4, networkOf, parseCidr } from '#domain/network/cidr.ts';
import {
  formatAddElements,
  formatBatch,
  formatDeleteElements,
  formatDeleteTable,
  formatGetElements,
  formatGetRules,
  formatGetTable,
  parseElements,
} from '#formats/netlink/set-elements.ts';
import type { SetElement } from '#formats/netlink/set-elements.ts';
import { SystemCallError } from '#adapters/libc/library.ts';
import { NetlinkSocket } from '#adapters/libc/netlink.ts';
import { formatRuleset, setNames } from './ruleset.ts';

/** A published IPv4 port as the firewall holds it. */
export type PortRule = Pick<PublishedPort, 'protocol' | 'hostIp' | 'hostPort' | 'containerPort'> & {
  readonly owner: string;
  /** The container's address. */
  readonly address: string;
};

const protocols = { tcp: 6, udp: 17, sctp: 132 } as const;
type Protocol = keyof typeof protocols;

/** Elements of one message: its length is a 16-bit number. */
const chunkLength = 200;

/**
 * The daemon's nftables table: rules loaded by nft once, ports and bridges as elements over netlink.
 * The table outlives the daemon; each port's element carries its owner as a comment.
 */
export class Firewall {
  readonly table: string;
  readonly #socket = new NetlinkSocket('netfilter');
  readonly #shutsStrangers: () => boolean;
  readonly #bridges = new Map<string, string>();
  #ports = new Map<string, PortRule>();
  #isLoaded = false;
  /** As many as were loaded. */
  #ruleCount = 0;

  /** `shutsStrangers`: nothing is forwarded between links that are neither ours nor made to forward. */
  constructor(tag: string, { shutsStrangers }: { readonly shutsStrangers: () => boolean }) {
    this.table = `gantry_${tag}`;
    this.#shutsStrangers = shutsStrangers;
  }

  /** Loads the rules at the first call, and again with all elements if somebody removed the table. */
  ensure(): void {
    if (this.#isLoaded && this.#isPresent()) return;
    if (this.#isLoaded) return this.#reload();
    this.#load();
    this.#readPorts();
    this.#isLoaded = true;
    return undefined;
  }

  /** Writes again what is missing of rules, bridges and ports; says whether anything was. */
  restore(): boolean {
    if (!this.#isLoaded || this.#isWhole()) return false;
    this.#reload();
    return true;
  }

  #load(): void {
    runNft(formatRuleset(this.table, { shutsStrangers: this.#shutsStrangers() }));
    this.#ruleCount = this.#countRules();
  }

  #reload(): void {
    const ports = [...this.#ports.values()];
    this.#load();
    for (const [name, subnet] of this.#bridges) this.#writeBridge(name, subnet);
    this.#readPorts();
    this.addPorts(ports);
  }

  #isWhole(): boolean {
    try {
      return this.#isPresent() && this.#countRules() >= this.#ruleCount && this.#hasElements();
    } catch (error) {
      // A set is missing.
      if (error instanceof SystemCallError && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  #hasElements(): boolean {
    const bridges = new Set(this.#elements(setNames.bridges).map(elementName));
    const pairs = new Set(this.#elements(setNames.inside).map(elementName));
    const subnets = new Set(this.#elements(setNames.subnets).map(elementName));
    const hasBridges = [...this.#bridges].every(
      ([name, subnet]) =>
        bridges.has(elementName({ key: interfaceKey(name) })) &&
        pairs.has(elementName({ key: pairKey(name) })) &&
        subnetElements(subnet).every((element) => subnets.has(elementName(element))),
    );
    const present = this.#presentPorts();
    return hasBridges && [...this.#ports].every(([name, rule]) => isSame(present.get(name), rule));
  }

  #countRules(): number {
    return this.#socket.query('counting rules', formatGetRules(this.table)).length;
  }

  /** `subnet` is any address of it with prefix length. */
  addBridge(name: string, subnet: string): void {
    this.ensure();
    this.#writeBridge(name, subnet);
    this.#bridges.set(name, subnet);
  }

  /** Removes the table with the last bridge unless ports are still published; says whether it is gone. */
  removeBridge(name: string): boolean {
    if (!this.#isPresent()) return true;
    const subnet = this.#bridges.get(name);
    this.#bridges.delete(name);
    this.#deletePresent(setNames.bridges, [{ key: interfaceKey(name) }]);
    this.#deletePresent(setNames.inside, [{ key: pairKey(name) }]);
    if (subnet !== undefined) this.#deletePresent(setNames.subnets, subnetElements(subnet));
    this.#readPorts();
    if (this.#ports.size > 0 || this.#elements(setNames.bridges).length > 0) return false;
    this.#socket.request(`removing table ${this.table}`, formatBatch([formatDeleteTable(this.table)]));
    this.#isLoaded = false;
    return true;
  }

  /** All or none; a port already there for another address or owner is replaced. */
  addPorts(rules: readonly PortRule[]): void {
    if (rules.length === 0) return;
    this.ensure();
    const news = rules.filter((rule) => !isSame(this.#ports.get(portName(rule)), rule));
    const olds = news.flatMap((rule) => this.#ports.get(portName(rule)) ?? []);
    this.#change(`publishing ${news.map(portName).join(', ')}`, [
      ...this.#portMessages(olds, formatDeleteElements),
      ...this.#portMessages(news, formatAddElements),
    ]);
    for (const rule of news) this.#ports.set(portName(rule), rule);
  }

  /** Gives back those that were there. */
  removePorts(isGone: (rule: PortRule) => boolean): PortRule[] {
    if (!this.#isLoaded && this.#isPresent()) this.#readPorts();
    const olds = [...this.#ports.values()].filter(isGone);
    for (const rule of olds) this.#ports.delete(portName(rule));
    try {
      this.#change(
        `withdrawing ${olds.map(portName).join(', ')}`,
        this.#portMessages(olds, formatDeleteElements),
      );
    } catch (error) {
      // Somebody emptied the table or took it away: what should go is gone, what should stay is written again.
      if (!(error instanceof SystemCallError) || error.code !== 'ENOENT') throw error;
      this.#restorePorts(olds);
    }
    return olds;
  }

  close(): void {
    this.#socket.close();
  }

  #restorePorts(olds: readonly PortRule[]): void {
    if (!this.#isPresent()) return;
    const kept = [...this.#ports.values()];
    this.#readPorts();
    const left = olds.filter((rule) => this.#ports.has(portName(rule)));
    this.#change('withdrawing ports', this.#portMessages(left, formatDeleteElements));
    for (const rule of left) this.#ports.delete(portName(rule));
    this.addPorts(kept);
  }

  #isPresent(): boolean {
    const [answer] = this.#socket.attempt([formatGetTable(this.table)]);
    return answer === undefined || answer.errno === 0;
  }

  #writeBridge(name: string, subnet: string): void {
    this.#addMissing(setNames.bridges, [{ key: interfaceKey(name) }]);
    this.#addMissing(setNames.inside, [{ key: pairKey(name) }]);
    this.#addMissing(setNames.subnets, subnetElements(subnet));
  }

  #addMissing(set: string, elements: readonly SetElement[]): void {
    const present = new Set(this.#elements(set).map(elementName));
    const missing = elements.filter((element) => !present.has(elementName(element)));
    if (missing.length === 0) return;
    this.#change(`adding to ${set}`, [formatAddElements({ table: this.table, set }, missing)]);
  }

  #deletePresent(set: string, elements: readonly SetElement[]): void {
    const names = new Set(this.#elements(set).map(elementName));
    const present = elements.filter((element) => names.has(elementName(element)));
    if (present.length === 0) return;
    this.#change(`removing from ${set}`, [formatDeleteElements({ table: this.table, set }, present)]);
  }

  #elements(set: string): SetElement[] {
    const replies = this.#socket.query(`reading ${set}`, formatGetElements({ table: this.table, set }));
    return replies.flatMap(({ body }) => parseElements(body));
  }

  #readPorts(): void {
    this.#ports = this.#presentPorts();
  }

  #presentPorts(): Map<string, PortRule> {
    const rules = [
      ...this.#elements(setNames.anyPorts).map((element) => toRule(element, 0)),
      ...this.#elements(setNames.hostPorts).map((element) => toRule(element, 4)),
    ];
    return new Map(rules.map((rule) => [portName(rule), rule]));
  }

  #change(purpose: string, changes: readonly Buffer[]): void {
    if (changes.length > 0) this.#socket.request(purpose, formatBatch(changes));
  }

  #portMessages(rules: readonly PortRule[], format: typeof formatAddElements): Buffer[] {
    const messages: Buffer[] = [];
    for (const isAny of [true, false]) {
      const set = isAny ? setNames.anyPorts : setNames.hostPorts;
      const elements = rules.filter(({ hostIp }) => (hostIp === anyAddress) === isAny).map(toElement);
      for (let at = 0; at < elements.length; at += chunkLength) {
        messages.push(format({ table: this.table, set }, elements.slice(at, at + chunkLength)));
      }
    }
    return messages;
  }
}

export const anyAddress = '0.0.0.0';

const portName = ({ hostIp, hostPort, protocol }: PortRule): string => `${hostIp}:${hostPort}/${protocol}`;

const isSame = (one: PortRule | undefined, other: PortRule): boolean =>
  one?.address === other.address && one.containerPort === other.containerPort && one.owner === other.owner;

const elementName = ({ key, isIntervalEnd }: SetElement): string =>
  `${Buffer.from(key).toString('hex')}${isIntervalEnd === true ? ' end' : ''}`;

const ipv4Bytes = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number);

/** Each part of a key made of several takes a multiple of four bytes. */
const portBytes = (port: number): Uint8Array => Uint8Array.of(port >> 8, port & 255, 0, 0);

const toElement = ({ owner, hostIp, hostPort, protocol, address, containerPort }: PortRule): SetElement => ({
  key: Buffer.concat([
    hostIp === anyAddress ? Buffer.alloc(0) : ipv4Bytes(hostIp),
    Uint8Array.of(protocols[protocol], 0, 0, 0),
    portBytes(hostPort),
  ]),
  value: Buffer.concat([ipv4Bytes(address), portBytes(containerPort)]),
  comment: owner,
});

const toRule = ({ key, value = Buffer.alloc(8), comment = '' }: SetElement, offset: number): PortRule => {
  const bytes = Buffer.from(key);
  const number = bytes.readUInt8(offset);
  const isProtocol = (name: string): name is Protocol => protocols[name as Protocol] === number;
  return {
    owner: comment,
    hostIp: offset === 0 ? anyAddress : bytes.subarray(0, 4).join('.'),
    protocol: Object.keys(protocols).find(isProtocol) ?? 'tcp',
    hostPort: bytes.readUInt16BE(offset + 4),
    address: Buffer.from(value).subarray(0, 4).join('.'),
    containerPort: Buffer.from(value).readUInt16BE(4),
  };
};

const interfaceKey = (name: string): Buffer => {
  const key = Buffer.alloc(16);
  key.write(name);
  return key;
};

const pairKey = (name: string): Buffer => Buffer.concat([interfaceKey(name), interfaceKey(name)]);

const subnetElements = (text: string): SetElement[] => {
  const subnet = parseCidr(text);
  if (subnet === undefined) throw new EngineError('invalid', 'network.subnet', `"${text}" is no IPv4 subnet`);
  return [
    { key: ipv4Bytes(formatIpv4(networkOf(subnet).address)) },
    { key: ipv4Bytes(formatIpv4(broadcastOf(subnet) + 1)), isIntervalEnd: true },
  ];
};

/** Only when a table is made: some milliseconds, in this thread, in the network namespace it stands in. */
export const runNft = (script: string): void => {
  const { status, stderr, error } = spawnSync('nft', ['-f', '-'], { input: script, encoding: 'utf8' });
  if (error !== undefined) {
    throw new EngineError('unavailable', 'network.nft-missing', `cannot run nft: ${error.message}`, {
      cause: error,
    });
  }
  if (status !== 0) {
    throw new EngineError('internal', 'network.nft-failed', `nft failed: ${stderr.trim()}`, {
      params: { output: stderr.trim() },
    });
  }
};
