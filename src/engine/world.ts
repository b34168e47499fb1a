import type { Isolation } from '#domain/pod/spec.ts';
import type { EventBus } from '#engine/events/bus.ts';
import type { Clock } from '#engine/ports/clock.ts';
import type { ContainerFiles } from '#engine/ports/container-files.ts';
import type { ContainerRuntime } from '#engine/ports/container-runtime.ts';
import type { ContentStore } from '#engine/ports/content-store.ts';
import type { LayerDigests } from '#engine/ports/layer-digests.ts';
import type { LogTargets } from '#engine/ports/log-targets.ts';
import type { LogStore } from '#engine/ports/log-store.ts';
import type { Machine } from '#engine/ports/machine.ts';
import type { NetworkDriver } from '#engine/ports/network.ts';
import type { PodFolders } from '#engine/ports/pod-folders.ts';
import type { ProcessTable } from '#engine/ports/process-table.ts';
import type { Registry } from '#engine/ports/registry.ts';
import type { ResourceGroups } from '#engine/ports/resource-groups.ts';
import type { ResourceMeter } from '#engine/ports/resource-meter.ts';
import type { RootArchive } from '#engine/ports/root-archive.ts';
import type { Sandboxes } from '#engine/ports/sandboxes.ts';
import type { Snapshotter } from '#engine/ports/snapshotter.ts';
import type { StateStore } from '#engine/ports/state-store.ts';
import type { VolumeDriver } from '#engine/ports/volumes.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Every port of the engine, its settings and its log: what `createEngine` is given. */
export type World = {
  readonly state: StateStore;
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  readonly digests: LayerDigests;
  readonly archive: RootArchive;
  readonly registry: Registry;
  readonly sandboxes: Sandboxes;
  readonly network: NetworkDriver;
  readonly runtime: ContainerRuntime;
  readonly logs: LogStore;
  readonly logTargets: LogTargets;
  readonly files: ContainerFiles;
  readonly volumes: VolumeDriver;
  readonly podFolders: PodFolders;
  readonly groups: ResourceGroups;
  readonly machine: Machine;
  readonly meter: ResourceMeter;
  readonly processes: ProcessTable;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly log: (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
};

/** What operations inside the engine see besides: the bus that `createEngine` makes. */
export type EngineWorld = World & { readonly events: EventBus };

export type EngineSettings = {
  /** Version text of the engine, semver. */
  readonly version: string;
  readonly dataRoot: string;
  /** Short text that marks everything of this daemon on the machine (links, tables, cgroups). */
  readonly tag: string;
  readonly bridge: BridgeSettings;
  /** Absent: pods are on `bridge`, as containers are. */
  readonly podBridge?: BridgeSettings;
  /** Of pods and sandboxes that do not say; absent: `namespace`. */
  readonly podIsolation?: Isolation;
  /** cgroup under which containers lie, e.g. `/gantry-1a2b`. */
  readonly cgroupParent: string;
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly defaultLogDriver: string;
  readonly defaultLogOptions: Readonly<Record<string, string>>;
  /** `--init` for containers that do not say. */
  readonly initByDefault: boolean;
  readonly debug: boolean;
};

export type BridgeSettings = {
  readonly name: string;
  /** Gateway address with prefix length: `172.17.0.1/16`. */
  readonly cidr: string;
  readonly mtu: number;
};
