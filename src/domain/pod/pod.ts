import type { PublishedPort } from '#domain/container/config.ts';
import type { ContainerId, PodId, SandboxId } from '#domain/value/flavor.ts';
import type { Instant } from '#domain/value/instant.ts';
import type { Isolation, PodContainerSpec, PodResources, PodSpec, PortMapping } from './spec.ts';

export type PodStatus =
  | 'creating'
  | 'created'
  | 'starting'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'stopped'
  | 'removing'
  | 'dead';

/** The record of one pod: everything that must outlive the daemon. */
export type Pod = {
  readonly id: PodId;
  readonly name: string;
  readonly createdAt: Instant;
  /** With defaults filled in; labels, port mappings, services and white lists as they are now; `containers` as created. */
  readonly spec: PodSpec;
  /** Those it has now, in order. */
  readonly containers: readonly PodMember[];
  readonly status: PodStatus;
  /** Why it is `dead`; '' otherwise. */
  readonly error: string;
  /** It has ended with its containers, and is to be started again. */
  readonly isRestarting?: boolean;
  /** '' while it has none. A new one each time, unless it was given one. */
  readonly sandboxId: SandboxId;
  /** The sandbox is whole: namespaces, interfaces, ports, rules. */
  readonly isBooted: boolean;
  /** Empty while it has no sandbox. */
  readonly endpoints: readonly PodEndpoint[];
  /** Ports as published now, by mapping. */
  readonly published: readonly PublishedMapping[];
  /** Of the latest boot. */
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  /** What its end was asked for with; stands until that is done, so that the next daemon can finish it. */
  readonly wish?: PodWish | undefined;
};

export type PodWish = { readonly keepSandbox: boolean; readonly next: 'rest' | 'start' | 'remove' };

export type PodMember = { readonly id: ContainerId; readonly spec: PodContainerSpec };

export type PodEndpoint = {
  readonly endpointId: string;
  readonly networkId: string;
  readonly bridge: string;
  readonly interfaceName: string;
  readonly ipAddress: string;
  readonly ipPrefixLength: number;
  readonly gateway: string;
  readonly macAddress: string;
  readonly mtu: number;
};

export type PublishedMapping = {
  readonly mapping: PortMapping;
  /** Names the ports on the machine. */
  readonly owner: string;
  readonly ports: readonly PublishedPort[];
};

/** The record of one sandbox. */
export type PodSandbox = {
  readonly id: SandboxId;
  readonly createdAt: Instant;
  readonly isolation: Isolation;
  readonly resources: PodResources;
  /** Who is in it; '' = nobody: it waits. */
  readonly podId: PodId;
  /** Made by itself, so it may stay when its pod leaves. */
  readonly isStandalone: boolean;
};
