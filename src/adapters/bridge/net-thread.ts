import { openSync, readFileSync } from 'node:fs';
import { parseCidr } from '#domain/network/cidr.ts';
import type { PublishedPort } from '#domain/container/config.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { BridgeRequest, EndpointRequest, NamespaceRules, PortRequest } from '#engine/ports/network.ts';
import { NetlinkSocket } from '#adapters/libc/netlink.ts';
import { cloneFlags, ownNamespace, withinNamespace } from '#adapters/libc/namespaces.ts';
import { noticesToOwner, serveCalls, threadData } from '#adapters/libc/thread-calls.ts';
import { Endpoints } from './endpoints.ts';
import { Firewall, runNft } from './firewall.ts';
import { ForeignFilter } from './foreign-filter.ts';
import { Guard } from './guard.ts';
import { forgetFlows } from './flows.ts';
import { Forwarding } from './forwarding.ts';
import { writeSetting } from './kernel-settings.ts';
import { ensureBridgeLink, findLink, hasAddress, listLinks, removeBridgeLink } from './links.ts';
import { formatNamespaceRules } from './namespace-rules.ts';
import { PublishedPorts } from './published-ports.ts';

/**
 * The thread of all network work: netlink blocks it, it stands in other network namespaces for some
 * microseconds, and it holds the host ports with their small proxies.
 */

export type NetCalls = {
  readonly ensureBridge: (bridge: BridgeRequest) => void;
  readonly removeBridge: (name: string) => void;
  /** The kernel has told of changes by others. */
  readonly lookAround: () => void;
  readonly connect: (request: EndpointRequest) => void;
  readonly disconnect: (endpointId: string) => void;
  readonly isolate: (networkPath: string) => void;
  readonly program: (request: { networkPath: string; rules: NamespaceRules }) => void;
  readonly publish: (request: {
    owner: string;
    address: string;
    ports: readonly PortRequest[];
  }) => Promise<PublishedPort[]>;
  readonly republish: (request: {
    owner: string;
    address: string;
    ports: readonly PublishedPort[];
  }) => Promise<void>;
  readonly unpublish: (owner: string) => void;
  readonly reconcile: (known: { endpoints: readonly string[]; owners: readonly string[] }) => string[];
};

const { tag, forwardingMarker } = threadData() as { tag: string; forwardingMarker: string };
const notifyOwner = noticesToOwner();
const home = openSync(ownNamespace('net'), 'r');
const route = new NetlinkSocket('route');
const netfilter = new NetlinkSocket('netfilter');
const forwarding = new Forwarding(forwardingMarker);
const firewall = new Firewall(tag, { shutsStrangers: () => forwarding.isOurs });
const foreignFilter = new ForeignFilter(netfilter, notifyOwner);
const endpoints = new Endpoints({ tag, home, host: route, warn: notifyOwner });

const ephemeralRange = (): readonly [number, number] => {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number);
    if (first !== undefined && last !== undefined && last >= first) return [first, last];
  } catch {
    // /proc without this file: the range that IANA gives (RFC 6335).
  }
  return [49_153, 65_535];
};

const ports = new PublishedPorts({
  firewall,
  ephemeral: ephemeralRange(),
  forgetFlows: (rules) => forgetFlows(netfilter, rules),
  warn: notifyOwner,
});

const checkTarget = (address: string): void => {
  if (parseCidr(`${address}/32`) !== undefined) return;
  throw new EngineError('invalid', 'network.address', `"${address}" is no IPv4 address`, {
    params: { address },
  });
};

const bridges = new Map<string, BridgeRequest>();

const raiseBridge = (bridge: BridgeRequest): void => {
  ensureBridgeLink({ socket: route, tag, warn: notifyOwner }, bridge);
  writeSetting(`ipv4/conf/${bridge.name}/route_localnet`, '1');
};

/** Where somebody took a bridge or its address away. */
const raiseBridges = (): string[] =>
  [...bridges.values()].flatMap((bridge) => {
    const before = findLink(route, bridge.name);
    const isWhole = before !== undefined && hasAddress(route, before, bridge.address);
    if (isWhole) return [];
    raiseBridge(bridge);
    forwarding.switchOn();
    const link = findLink(route, bridge.name);
    if (link !== undefined && link.index !== before?.index) endpoints.rejoin(bridge.name, link.index);
    const what = before === undefined ? bridge.name : `the address of ${bridge.name}`;
    return [`${what} was taken away by somebody: made again`];
  });

const FORWARDING_IS_OURS =
  'the machine forwarded nothing: switched on, and shut between links that are no bridges or tunnels';

const guard = new Guard({ firewall, foreignFilter, raiseBridges, notify: notifyOwner });

const calls: NetCalls = {
  ensureBridge: (bridge) => {
    raiseBridge(bridge);
    bridges.set(bridge.name, bridge);
    const isClaimed = forwarding.claim();
    firewall.addBridge(bridge.name, bridge.address);
    // Last: nothing is forwarded that the rules do not know.
    forwarding.switchOn();
    if (isClaimed) notifyOwner(FORWARDING_IS_OURS);
    foreignFilter.admit(bridge.name);
    foreignFilter.admitInLegacy(bridge.name);
  },
  lookAround: () => guard.look(),
  removeBridge: (name) => {
    bridges.delete(name);
    endpoints.bury();
    removeBridgeLink(route, tag, name);
    const isLast = firewall.removeBridge(name);
    foreignFilter.forget(name);
    if (isLast) forwarding.giveBack(() => listLinks(route).map(({ kind }) => kind));
  },
  connect: (request) => {
    foreignFilter.admit(request.bridge);
    endpoints.connect(request);
  },
  disconnect: (endpointId) => endpoints.disconnect(endpointId),
  isolate: (networkPath) => endpoints.isolate(networkPath),
  program: ({ networkPath, rules }) => {
    // The child is where this thread is when it is made.
    withinNamespace({ path: networkPath, home, type: cloneFlags.network }, () =>
      runNft(formatNamespaceRules(rules)),
    );
  },
  publish: async ({ owner, address, ports: wanted }) => {
    checkTarget(address);
    return ports.publish(owner, address, wanted);
  },
  republish: async ({ owner, address, ports: wanted }) => {
    checkTarget(address);
    return ports.republish(owner, address, wanted);
  },
  unpublish: (owner) => ports.unpublish(owner),
  reconcile: (known) => [
    ...endpoints.reconcile(new Set(known.endpoints)),
    ...ports.reconcile(new Set(known.owners)),
  ],
};

serveCalls(calls);
