import type { Container } from '#domain/container/container.ts';
import type {
  ContainerConfig,
  Endpoint,
  HostConfig,
  Resources,
  RestartPolicy,
} from '#domain/container/config.ts';
import type { Habits } from '#domain/container/habits.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';
import type { EngineEvent, EventType } from '#domain/event/event.ts';
import type { Exec, ExecConfig } from '#domain/exec/exec.ts';
import type { CommittedConfig, Image, ImageConfig } from '#domain/image/image.ts';
import type { LogRecord, OutputChunk } from '#domain/log/record.ts';
import type { Network } from '#domain/network/network.ts';
import type { Credentials } from '#domain/registry/credentials.ts';
import type { Pod, PodSandbox } from '#domain/pod/pod.ts';
import type {
  PodContainerSpec,
  PodService,
  PodSpec,
  PortMapping,
  SandboxSpec,
  WhiteLists,
} from '#domain/pod/spec.ts';
import type {
  ContainerId,
  Digest,
  ExecId,
  ChainId,
  ImageId,
  PodId,
  SandboxId,
} from '#domain/value/flavor.ts';
import type { Instant } from '#domain/value/instant.ts';
import type { Nanos } from '#formats/time/nanos.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import type { ProcessListing } from '#engine/ports/process-table.ts';
import type { ResourceSample } from '#engine/ports/resource-meter.ts';
import type { FileKind, PathStat, RootChange } from '#engine/ports/root-archive.ts';
import type { VolumeRecord } from '#engine/ports/state-store.ts';

/**
 * The only door to the engine: everything the program can do, in its own words. No HTTP, no Docker
 * word, no version. `ref` is any way to name a thing (full id, name, unique id prefix); errors are
 * EngineErrors whose codes stand in `domain/error/catalogue.ts`.
 */
export interface Engine {
  readonly containers: ContainerOperations;
  readonly execs: ExecOperations;
  readonly images: ImageOperations;
  readonly networks: NetworkOperations;
  readonly volumes: VolumeOperations;
  readonly pods: PodOperations;
  readonly sandboxes: SandboxOperations;
  readonly system: SystemOperations;
}

export interface ContainerOperations {
  create(request: CreateContainer): Promise<{ id: ContainerId; warnings: string[] }>;
  /** `not-found` code `container.not-found` {ref}; `invalid` code `container.ambiguous` {ref}. */
  get(ref: string): Container;
  /** Newest creation first. */
  list(): Container[];
  /** The names by which links point to it, besides its own (`parent/alias`). */
  linkNames(id: ContainerId): string[];
  /** Its own links, as `/child:/parent/alias`. */
  links(id: ContainerId): string[];
  /** Ids of execs created and not yet ended. */
  execIds(id: ContainerId): ExecId[];
  size(id: ContainerId): Promise<{ writableBytes: number; rootBytes: number }>;
  rootDescription(id: ContainerId): { driver: string; data: Readonly<Record<string, string>> };
  /** `host` replaces the stored host config first (clients older than API 1.15 send it here). */
  start(ref: string, options: { host?: HostConfig }): Promise<void>;
  /** seconds: undefined = the container's own stop timeout, then 10; negative = for ever. `unchanged` when not running. */
  stop(ref: string, options: { timeoutSeconds?: number; signal?: string }): Promise<void>;
  restart(ref: string, options: { timeoutSeconds?: number; signal?: string }): Promise<void>;
  /** Name with or without SIG, or a number as text; undefined or '' = SIGKILL and wait for the end. */
  kill(ref: string, signal: string | undefined): Promise<void>;
  pause(ref: string): Promise<void>;
  unpause(ref: string): Promise<void>;
  rename(ref: string, name: string): Promise<void>;
  resize(ref: string, size: { rows: number; columns: number }): Promise<void>;
  /**
   * Registers the waiter before it returns (synchronously): a fast exit is not missed. `result` resolves at the
   * condition; aborting the signal unregisters and rejects `cancelled`.
   */
  wait(ref: string, condition: WaitCondition, signal: AbortSignal): { result: Promise<WaitResult> };
  /** `conflict` code `container.running` without force. `removed` waiters are released when all is gone. */
  remove(ref: string, options: { force: boolean; volumes: boolean; link: boolean }): Promise<void>;
  /** Removes those that do not run and match; stops between two when the signal comes. */
  prune(matches: (container: Container) => boolean, signal: AbortSignal): Promise<Pruned<ContainerId>>;
  attach(ref: string, options: AttachOptions): Promise<Attachment>;
  logs(ref: string, options: LogOptions): Promise<LogReader>;
  /** What is at a path inside; codes `archive.*` as in ports/root-archive.ts and `archive.empty-path`. */
  statPath(ref: string, asked: PathAsked): Promise<PathStat>;
  /** A tar of it, named by the last name of the path as asked for; a last link stays a link. */
  getArchive(ref: string, asked: PathAsked): Promise<PathArchive>;
  /** The same with every link followed. */
  copyPath(ref: string, asked: PathAsked): Promise<PathArchive>;
  putArchive(ref: string, request: PutArchive): Promise<void>;
  /** A tar of its whole root, without what is mounted in it. */
  exportRoot(ref: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** What it changed of its image's files, sorted by path. */
  changes(ref: string, signal: AbortSignal): Promise<RootChange[]>;
  /** Its processes, by the host's pids: as `ps -ef` shows them, or with other arguments of `ps`. */
  top(ref: string, psArguments: readonly string[] | undefined): Promise<ProcessListing>;
  /** `not-found` at once; see `StatsRequest` for what follows. */
  stats(ref: string, request: StatsRequest): AsyncIterable<ContainerStats>;
  /** Members that are absent stay. Answers warnings. `conflict` codes `update.*`. */
  update(ref: string, change: UpdateContainer): Promise<string[]>;
  /** A new image of its root and configuration. Code `commit.*`, `dockerfile.*`, `reference.*`. */
  commit(ref: string, request: CommitContainer): Promise<ImageId>;
}

export type StatsRequest = {
  /** `stream`: one sample per second until the container is removed. `pair`: one sample that knows the one before it. */
  readonly mode: 'stream' | 'pair' | 'single';
  readonly signal: AbortSignal;
};

/** `sample` is absent while it does not run. */
export type ContainerStats = {
  readonly id: ContainerId;
  readonly name: string;
  readonly sample?: ResourceSample;
  readonly previous?: ResourceSample;
};

export type UpdateContainer = {
  readonly resources: Partial<Resources>;
  readonly restartPolicy?: RestartPolicy;
};

export type CommitContainer = {
  /** '' = no name. */
  readonly repository: string;
  readonly tag: string;
  readonly author: string;
  readonly comment: string;
  readonly pause: boolean;
  /** Wins over the container's own; absent: that alone. */
  readonly config?: ContainerConfig;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  /** Nobody waits for the image any more. */
  readonly signal?: AbortSignal;
};

export type CreateContainer = {
  /** '' = generated. */
  readonly name: string;
  readonly config: ContainerConfig;
  readonly host: HostConfig;
  /** By network name or id; `default` means the default network. */
  readonly endpoints: Readonly<Record<string, Partial<Endpoint>>>;
  /** `os/arch[/variant]` or ''. */
  readonly platform: string;
  /** Network mode `host` refuses host name, name servers, extra hosts and MAC address. Default: honours them. */
  readonly strictNetworkMode?: boolean;
  readonly habits?: Habits;
};

export type PathArchive = { readonly stat: PathStat; readonly content: AsyncIterable<Uint8Array> };

export type PutArchive = {
  readonly path: string;
  /** Refuses a file in a directory's place and the other way round. */
  readonly keepKinds: boolean;
  /** Whose the files are: as the archive says, root's, or the user's that the container runs as. */
  readonly owner: 'archive' | 'root' | 'user';
  readonly content: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
};

/** A path of a container, and when nobody waits for it any more. */
export type PathAsked = { readonly path: string; readonly signal?: AbortSignal | undefined };

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';
export type WaitResult = {
  readonly exitCode: number;
  /** Why it never ran, and what is known of it. */
  readonly error?: string;
  readonly failure?: ErrorParams | undefined;
};

export type AttachOptions = {
  /** Replay what is stored first. */
  readonly replay: boolean;
  /** Then follow live, without gap or repetition at the seam. */
  readonly live: boolean;
  /** With `replay`: where a run is over, its end is the end; else the attachment waits for the next. */
  readonly endsWithRun?: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly signal: AbortSignal;
};

/** A client's tie to a container's stdio; may begin before the container does. */
export interface Attachment {
  readonly tty: boolean;
  readonly stdinOnce: boolean;
  /** Ends when the process has ended (state and exit code are stored before) or `detach` is called. Always drains: a slow reader costs flat memory. */
  readonly output: AsyncIterable<OutputChunk>;
  /** Waits until the container runs; for a client that has left it is kept until then. Discards where stdin is not open. */
  write(bytes: Uint8Array): Promise<void>;
  /** The client's input ended: closes the process's stdin where stdinOnce and no tty, in the run that gets the input. */
  closeInput(): Promise<void>;
  /** Ends this attachment only, and says so by a `detach` event. */
  detach(): void;
}

export type LogOptions = {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** undefined = all; counted over both streams before they are chosen. */
  readonly tail?: number;
  readonly since?: Nanos;
  readonly until?: Nanos;
  readonly signal: AbortSignal;
};

export interface LogReader {
  readonly tty: boolean;
  /** Batches of lines as stored (a long line comes in pieces); valid until the next batch is asked for. */
  readonly records: AsyncIterable<readonly LogRecord[]>;
}

export interface ExecOperations {
  create(ref: string, config: ExecConfig): Promise<ExecId>;
  get(id: ExecId): Exec;
  /** Throws what `start` refuses before anything runs: an exec nobody knows, a container that does not run or is paused. */
  permitStart(id: ExecId): void;
  /** Runs it in the background. */
  startDetached(id: ExecId): Promise<void>;
  /** Runs it with its streams; `exit` is stored before `output` ends. */
  start(
    id: ExecId,
    options: { consoleSize?: readonly [number, number]; signal: AbortSignal },
  ): Promise<Attachment>;
  resize(id: ExecId, size: { rows: number; columns: number }): Promise<void>;
}

export type ImageView = {
  readonly image: Image;
  /** Canonical names (`docker.io/library/busybox:latest`). */
  readonly tags: readonly string[];
  /** Canonical names by digest (`docker.io/library/busybox@sha256:...`). */
  readonly digests: readonly string[];
  /** Containers made from it. */
  readonly containers: number;
};

export interface ImageOperations {
  list(): ImageView[];
  /** `not-found` code `image.not-found` {ref}. Name first, then id or unique id prefix. */
  get(ref: string): ImageView;
  tag(ref: string, repository: string, tag: string): Promise<void>;
  /** What was untagged and deleted, in order. Conflicts as docker-semantics.md 13.3. */
  remove(ref: string, options: { force: boolean; prune: boolean }): Promise<RemovedImage[]>;
  /** Removes those that no container uses and that match. */
  prune(request: PruneImages): Promise<Pruned<RemovedImage>>;
  pull(request: PullRequest): AsyncIterable<TransferProgress>;
  importLayer(request: ImportRequest): AsyncIterable<TransferProgress>;
  load(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<LoadProgress>;
  /** A docker archive (with OCI layout) of these references. `not-found` before the first byte. */
  save(refs: readonly string[], options: SaveOptions): Promise<AsyncIterable<Uint8Array>>;
  history(ref: string): readonly HistoryEntry[];
  /** What a commit of a container with this configuration made of the image before; undefined when none did. */
  cachedChild(ref: string, config: ContainerConfig): Image | undefined;
  /** A new image: another with a file from the web in it. `invalid` code `insert.path`. */
  insert(request: InsertRequest): AsyncIterable<TransferProgress>;
  /** An image of a layer on top of another image; an image that has the name loses it. */
  addLayer(request: AddLayer): Promise<ImageId>;
}

export type AddLayer = {
  /** '' = on nothing. */
  readonly parentId: ImageId;
  /** A layer tar, plain. */
  readonly layer: AsyncIterable<Uint8Array>;
  readonly config: ImageConfig;
  readonly containerId: ContainerId;
  /** Of the container that is committed. */
  readonly containerConfig?: CommittedConfig;
  readonly createdBy: string;
  readonly author: string;
  readonly comment: string;
  readonly repository: string;
  readonly tag: string;
  /** Nobody waits for the image any more. */
  readonly signal?: AbortSignal;
};

export type Pruned<Thing> = { readonly removed: readonly Thing[]; readonly reclaimedBytes: number };

export type PruneImages = {
  /** Only those without a tag. */
  readonly danglingOnly: boolean;
  readonly matches: (view: ImageView) => boolean;
  readonly signal: AbortSignal;
};

export type RemovedImage =
  | { readonly untagged: string }
  | { readonly deleted: ImageId }
  | { readonly deleted: ChainId; readonly isLayer: true };

export type InsertRequest = {
  readonly ref: string;
  readonly url: string;
  /** Inside the image. */
  readonly path: string;
  readonly signal: AbortSignal;
};

export type PullRequest = {
  /** As typed: `busybox`, `host:5000/a/b`. */
  readonly repository: string;
  /** Tag or digest; '' = all tags. */
  readonly tag: string;
  readonly platform: string;
  readonly credentials?: Credentials;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** docker-modern.md 3.6 and docker-shapes.md 12: what a puller reports. */
export type TransferProgress = {
  readonly status: string;
  /** Short layer id or tag. */
  readonly id?: string;
  /** Present (maybe empty) on progress messages, absent on plain lines. */
  readonly progress?: { readonly current?: number; readonly total?: number };
};

export type ImportRequest = {
  readonly source: AsyncIterable<Uint8Array> | { readonly url: string };
  readonly repository: string;
  readonly tag: string;
  readonly message: string;
  /** Dockerfile instructions (CMD, ENV...). */
  readonly changes: readonly string[];
  readonly platform: string;
  readonly signal: AbortSignal;
};

export type LoadProgress =
  | { readonly kind: 'layer'; readonly id: string; readonly current: number; readonly total: number }
  | { readonly kind: 'loaded'; readonly reference: string }
  | { readonly kind: 'loaded-id'; readonly id: ImageId }
  | { readonly kind: 'renamed'; readonly reference: string; readonly previousId: ImageId };

export type HistoryEntry = {
  /** Image id, or '' (`<missing>`) for a step without an image of its own. */
  readonly id: ImageId;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
  readonly comment: string;
};

export interface NetworkOperations {
  list(): Network[];
  get(ref: string): Network;
}

/**
 * Pods: several containers in one sandbox. `ref` is a pod's id, or its name; containers in pods are named as all
 * containers are. Logs, waiting, resizing, renaming, commits and execs go through `containers` and `execs`.
 * `not-found` code `pod.not-found` everywhere; `conflict` codes as `domain/pod/lifecycle.ts`.
 */
export interface PodOperations {
  /**
   * All or nothing: a create that fails leaves no name, volume or record. Order of refusals: the rules of
   * `domain/pod/verify-spec.ts`, then `pod.exists` and `container.name-in-use`, then `image.not-found`.
   */
  create(spec: PodSpec, options: CreatePod): Promise<{ id: PodId; warnings: string[] }>;
  get(ref: string): Pod;
  /** With its containers as they are, in order. */
  inspect(ref: string): PodView;
  /** Oldest first. */
  list(): Pod[];
  /** The pod that a container is in; undefined for others. */
  podOf(containerRef: string): Pod | undefined;
  /**
   * Boots the sandbox if there is none, and starts all containers that do not run; the same ids, roots and
   * volumes as before. When one cannot start, a pod that had no sandbox is at rest again.
   * Codes `pod.start-failed`, `sandbox.*`, `port.*`.
   */
  start(ref: string, options: { readonly sandboxId?: SandboxId }): Promise<void>;
  /** Ends all containers side by side (default 5 s each), then the sandbox. `unchanged` code `pod.already-stopped`. */
  stop(ref: string, options: StopPod): Promise<void>;
  /** Stop, if it runs, and start. */
  restart(ref: string, options: StopPod): Promise<void>;
  /** To all running containers, or to one of them. SIGKILL to all also takes the sandbox away. Default SIGTERM. */
  kill(ref: string, options: { readonly signal?: string; readonly container?: string }): Promise<void>;
  pause(ref: string): Promise<void>;
  unpause(ref: string): Promise<void>;
  /** In any state; what runs is ended first. Its containers, their logs and its empty volumes go too. */
  remove(ref: string, options: { readonly timeoutSeconds?: number }): Promise<void>;
  /** All or none: `exists` code `pod.label-exists` {label} unless they may be replaced. */
  setLabels(ref: string, labels: Readonly<Record<string, string>>, replace: boolean): Promise<void>;
  /** Into a pod that runs; it is not started. */
  addContainer(ref: string, spec: PodContainerSpec): Promise<{ id: ContainerId; warnings: string[] }>;
  /** Does nothing when it runs. `conflict` code `pod.not-running`. */
  startContainer(containerRef: string): Promise<void>;
  /** Default 5 s. Does nothing when it does not run. */
  stopContainer(containerRef: string, options: { readonly timeoutSeconds?: number }): Promise<void>;
  /** Ends it first, if need be. The pod stays, even if it is empty. */
  removeContainer(containerRef: string, options: { readonly timeoutSeconds?: number }): Promise<void>;
  /**
   * As `containers.attach` without replay, except that the first to attach in a run gets its output from the
   * beginning, also when the run is over; then the stream ends by itself, and so does that of later ones.
   */
  attach(containerRef: string, options: PodAttachOptions): Promise<Attachment>;
  /** `conflict` when it does not run. */
  stats(ref: string): Promise<PodStats>;
  listPorts(ref: string): readonly PortMapping[];
  /** To the front of the list. All or none; `conflict` codes `port.*`, `invalid` codes `pod.port*`. */
  addPorts(ref: string, mappings: readonly PortMapping[]): Promise<void>;
  /** Those with the same protocol and container port; fine when there are none. */
  deletePorts(ref: string, mappings: readonly PortMapping[]): Promise<void>;
  setWhiteLists(ref: string, lists: WhiteLists): Promise<void>;
  listServices(ref: string): readonly PodService[];
  /** `exists` code `pod.service-exists`. Services are the same by address, port and protocol. */
  addServices(ref: string, services: readonly PodService[]): Promise<void>;
  /** Instead of all it has. */
  setServices(ref: string, services: readonly PodService[]): Promise<void>;
  deleteServices(ref: string, services: readonly PodService[]): Promise<void>;
}

export type PodAttachOptions = Omit<AttachOptions, 'replay' | 'live'> & {
  /** What is over is of no interest: the run to come is. */
  readonly awaitsRun?: boolean;
};

export type CreatePod = {
  /** Makes the sandbox too: it has its addresses and runs, its containers wait. Otherwise the first start does. */
  readonly boot: boolean;
};

export type StopPod = {
  readonly timeoutSeconds?: number;
  /** Leaves a sandbox that was made by itself, or this pod's, standing empty. */
  readonly keepSandbox?: boolean;
};

export type PodView = { readonly pod: Pod; readonly containers: readonly Container[] };

export type PodStats = {
  readonly at: Instant;
  /** Sums of the containers; interfaces are the pod's. Absent while none runs. */
  readonly total?: ResourceSample;
  readonly containers: readonly ContainerStats[];
};

/** Sandboxes, empty or with a pod in them. `not-found` code `sandbox.not-found`. */
export interface SandboxOperations {
  /** An empty one, with its limits. */
  create(spec: SandboxSpec): Promise<SandboxId>;
  get(id: SandboxId): PodSandbox;
  list(): PodSandbox[];
  /** With whatever runs in it: the pod is at rest afterwards. */
  destroy(id: SandboxId): Promise<void>;
}

export interface VolumeOperations {
  /** Oldest first. */
  list(): VolumeView[];
  /** By full name. `not-found` code `volume.not-found` {name}. */
  get(name: string): VolumeView;
  /**
   * One that is there already is given back as it is. Codes `volume.name-invalid`, `volume.driver-unknown`,
   * `volume.option`, `volume.option-missing`, `volume.option-size`, `volume.no-quota`, `volume.cifs-port`.
   */
  create(request: CreateVolume): Promise<VolumeView>;
  /**
   * `conflict` codes `volume.in-use` {name, containers}, `volume.mount-point` {name, path}, forced or not; forced, one
   * that is not there is fine.
   */
  remove(name: string, options: { force: boolean }): Promise<void>;
  prune(request: PruneVolumes): Promise<Pruned<string>>;
  /** Bytes of the files in it. */
  sizeBytes(name: string): Promise<number>;
}

export type VolumeView = VolumeRecord & {
  /** Containers, run or not, that have it among their mounts. */
  readonly users: readonly ContainerId[];
};

export type CreateVolume = {
  /** '' = a new anonymous one. */
  readonly name: string;
  /** '' = the default one. */
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
};

export type PruneVolumes = {
  readonly anonymousOnly: boolean;
  readonly matches: (volume: VolumeRecord) => boolean;
  readonly signal: AbortSignal;
};

export interface SystemOperations {
  facts(): MachineFacts;
  info(): Promise<SystemInfo>;
  events(request: EventRequest): AsyncIterable<EngineEvent>;
  login(credentials: Credentials, signal: AbortSignal): Promise<{ status: string; identityToken: string }>;
  /** The login that clients of API 1.0 and 1.1 leave with the daemon. */
  storedLogin(): Credentials | undefined;
  storeLogin(credentials: Credentials): void;
}

export type SystemInfo = {
  readonly daemonId: string;
  readonly version: string;
  readonly containers: {
    readonly total: number;
    readonly running: number;
    readonly paused: number;
    readonly stopped: number;
  };
  readonly images: number;
  readonly snapshotter: string;
  readonly snapshotterStatus: readonly (readonly [string, string])[];
  readonly dataRoot: string;
  readonly runtime: string;
  readonly runtimeParts: Readonly<Record<string, string>>;
  readonly eventListeners: number;
  readonly fileDescriptors: number;
  readonly registries: {
    readonly insecure: readonly string[];
    readonly mirrors: readonly string[];
  };
  /** Of containers that do not say. */
  readonly logDriver: string;
  readonly labels: readonly string[];
  readonly debug: boolean;
  readonly warnings: readonly string[];
  readonly startedAt: Instant;
};

export type SaveOptions = {
  readonly signal: AbortSignal;
  /** Also in the form that engines before 1.10 load. */
  readonly isLegacy?: boolean;
};

export type EventRequest = {
  /** Tells first what is kept from then on. */
  readonly since?: Nanos;
  /** Ends the stream then, at once where it is past; alone it tells all that is kept until then. */
  readonly until?: Nanos;
  /** `until` ends the stream only: what is kept from after it is told too. */
  readonly untilIsTimer?: boolean;
  /** How far back `since` reaches: the last so many of the events that count. Absent: all that is kept. */
  readonly replay?: { readonly limit: number; readonly counts: (event: EngineEvent) => boolean } | undefined;
  readonly matches: (event: EngineEvent) => boolean;
  readonly signal: AbortSignal;
};

export type {
  Digest,
  EventType,
  FileKind,
  MachineFacts,
  PathStat,
  ProcessListing,
  ResourceSample,
  RootChange,
};
