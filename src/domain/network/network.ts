import type { NetworkId } from '#domain/value/flavor.ts';
import type { Instant } from '#domain/value/instant.ts';

export type Network = {
  readonly id: NetworkId;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
  readonly createdAt: Instant;
  /** CIDR such as `172.17.0.0/16`; '' without addresses. */
  readonly subnet: string;
  readonly gateway: string;
  /** Name of the host's bridge; '' for none. */
  readonly bridge: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
};
