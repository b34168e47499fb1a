import type { PublishedPort } from '#domain/container/config.ts';

/**
 * Bridges, endpoints and published ports of this daemon. Everything it makes carries the daemon's
 * tag, so that two daemons never meet. No call may block the HTTP thread.
 */
export interface NetworkDriver {
  /** Makes or adopts the bridge with its address, forwarding, masquerade and the firewall table. */
  ensureBridge(bridge: BridgeRequest): Promise<void>;
  removeBridge(name: string): Promise<void>;
  /** Puts one end of a veth into the namespace with address, MAC and default route; brings `lo` up. */
  connect(request: EndpointRequest): Promise<void>;
  /** Removes the endpoint's host side and its rules; fine when missing; does not wait for the kernel's clean-up. */
  disconnect(endpointId: string): Promise<void>;
  /** Brings `lo` up in a namespace that has no endpoint (`--net none`). */
  isolate(networkPath: string): Promise<void>;
  /** Makes these the rules of a namespace, instead of those it had; at once, none in between. */
  program(networkPath: string, rules: NamespaceRules): Promise<void>;
  /**
   * Publishes ports to an address behind the bridge: all or nothing. A host port of 0 takes a free one of the
   * ephemeral range, a range the first free of it. Taken: `conflict` code `port.allocated`
   * (ours) or `port.in-use` (another process), params `address`, `port`, `protocol`.
   */
  publish(owner: string, address: string, ports: readonly PortRequest[]): Promise<PublishedPort[]>;
  /** Same ports again after a restart of the daemon; the firewall's elements may still be there. */
  republish(owner: string, address: string, ports: readonly PublishedPort[]): Promise<void>;
  unpublish(owner: string): Promise<void>;
  /** Removes whatever of this daemon's tag belongs to no endpoint and no owner named here; says what. */
  reconcile(known: { endpoints: readonly string[]; owners: readonly string[] }): Promise<string[]>;
  /** What the host's resolv.conf says now, less the name servers that nobody behind a bridge can reach. */
  hostResolver(): Promise<HostResolver>;
}

export type HostResolver = {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
  /** The file itself, without the lines of those servers. */
  readonly text: string;
};

export type BridgeRequest = {
  readonly name: string;
  /** Gateway address with prefix length: `172.17.0.1/16`. */
  readonly address: string;
  readonly mtu: number;
};

export type EndpointRequest = {
  readonly endpointId: string;
  readonly bridge: string;
  readonly networkPath: string;
  /** `eth0`. */
  readonly interfaceName: string;
  /** `172.17.0.2/16`. */
  readonly address: string;
  readonly gateway: string;
  readonly macAddress: string;
  readonly mtu: number;
};

/** What the kernel does with a namespace's connections by itself. */
export type NamespaceRules = {
  /** Connections from inside to the address take turns between the hosts. */
  readonly services: readonly {
    readonly address: string;
    readonly port: number;
    readonly protocol: 'tcp' | 'udp';
    readonly hosts: readonly { readonly address: string; readonly port: number }[];
  }[];
  /** Who may connect from outside; absent: everybody. CIDRs. */
  readonly admitted?: {
    /** To every port. */
    readonly internal: readonly string[];
    /** To these ports, inclusive. */
    readonly external: readonly string[];
    readonly ports: readonly { readonly protocol: string; readonly first: number; readonly last: number }[];
  };
};

export type PortRequest = {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** '' = all addresses. */
  readonly hostIp: string;
  /** Inclusive; 0..0 = any free one. */
  readonly hostPortFirst: number;
  readonly hostPortLast: number;
};
