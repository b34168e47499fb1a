import type { ErrorParams } from '#domain/error/engine-error.ts';
import type { Instant } from '#domain/value/instant.ts';
import type { Health } from './health.ts';

/** What runs and how it looks from inside; image defaults are merged in at create. */
export type ContainerConfig = {
  readonly hostname: string;
  readonly domainname: string;
  readonly user: string;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  /** Keys such as `80/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly env: readonly string[];
  /** `null` = not given. */
  readonly cmd: readonly string[] | null;
  /** The image reference as the client typed it. */
  readonly image: string;
  /** Destinations of anonymous volumes. */
  readonly volumes: readonly string[];
  readonly workingDir: string;
  /** `null` = not given; `[]` = explicitly empty. */
  readonly entrypoint: readonly string[] | null;
  readonly networkDisabled: boolean;
  readonly macAddress: string;
  readonly onBuild: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Signal name or number; undefined = SIGTERM. */
  readonly stopSignal?: string;
  readonly stopTimeoutSeconds?: number;
  readonly healthcheck?: Healthcheck;
  readonly shell?: readonly string[];
};

/** Durations in nanoseconds, 0 = default (docker-modern.md 3.3). */
export type Healthcheck = {
  readonly test: readonly string[];
  readonly intervalNs: number;
  readonly timeoutNs: number;
  readonly startPeriodNs: number;
  readonly startIntervalNs: number;
  readonly retries: number;
};

export type RestartPolicy = {
  readonly name: '' | 'no' | 'always' | 'on-failure' | 'unless-stopped';
  readonly maximumRetryCount: number;
};

export type PortBinding = { readonly hostIp: string; readonly hostPort: string };

export type Ulimit = { readonly name: string; readonly soft: number; readonly hard: number };

export type DeviceMapping = {
  readonly pathOnHost: string;
  readonly pathInContainer: string;
  readonly cgroupPermissions: string;
};

/** `HostConfig.Mounts[]`. */
export type MountRequest = {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Of clients on other systems; kept for inspect. */
  readonly consistency?: string;
  readonly bind?: {
    readonly propagation: string;
    readonly nonRecursive: boolean;
    readonly createMountpoint: boolean;
    /** Only the mount itself is read-only, not what is mounted below it. */
    readonly readOnlyNonRecursive?: boolean;
    /** What is mounted below must be read-only too. */
    readonly readOnlyForceRecursive?: boolean;
  };
  readonly volume?: {
    readonly noCopy: boolean;
    readonly labels: Readonly<Record<string, string>>;
    readonly subpath: string;
    readonly driver: string;
    readonly driverOptions: Readonly<Record<string, string>>;
  };
  readonly tmpfs?: {
    readonly sizeBytes: number;
    readonly mode: number;
    readonly options: readonly (readonly string[])[];
  };
};

export type DeviceWeight = { readonly path: string; readonly weight: number };
export type DeviceRate = { readonly path: string; readonly rate: number };

/** Resource limits; 0 / '' / null = unset unless said otherwise. */
export type Resources = {
  readonly memoryBytes: number;
  /** -1 = unlimited. */
  readonly memorySwapBytes: number;
  readonly memoryReservationBytes: number;
  readonly kernelMemoryBytes: number;
  /** null = unset, else 0..100. */
  readonly memorySwappiness: number | null;
  readonly oomKillDisable: boolean;
  readonly cpuShares: number;
  readonly cpuPeriod: number;
  readonly cpuQuota: number;
  readonly cpuRealtimePeriod: number;
  readonly cpuRealtimeRuntime: number;
  readonly nanoCpus: number;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  readonly blkioWeight: number;
  /** By the path of the device's node on the host. */
  readonly blkioWeightDevice?: readonly DeviceWeight[];
  /** Bytes or operations a second, likewise. */
  readonly blkioReadBps?: readonly DeviceRate[];
  readonly blkioWriteBps?: readonly DeviceRate[];
  readonly blkioReadIops?: readonly DeviceRate[];
  readonly blkioWriteIops?: readonly DeviceRate[];
  /** 0 or negative = unlimited. */
  readonly pidsLimit: number;
};

/** What the host gives: limits, mounts, network, security. */
export type HostConfig = {
  readonly binds: readonly string[];
  readonly containerIdFile: string;
  readonly resources: Resources;
  readonly privileged: boolean;
  readonly portBindings: Readonly<Record<string, readonly PortBinding[]>>;
  readonly links: readonly string[];
  readonly publishAllPorts: boolean;
  readonly dns: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly extraHosts: readonly string[];
  readonly volumesFrom: readonly string[];
  readonly devices: readonly DeviceMapping[];
  readonly deviceCgroupRules: readonly string[];
  readonly deviceRequests: readonly Readonly<Record<string, unknown>>[];
  /** `default`, `bridge`, `none`, `host`, `container:<id>`, or a network's name. */
  readonly networkMode: string;
  /** '' = default, `host`, `private`, `shareable`, `none`, `container:<id>`. */
  readonly ipcMode: string;
  /** '', `host`, `container:<id>`. */
  readonly pidMode: string;
  /** '', `host`. */
  readonly utsMode: string;
  /** '', `host`, `private`. */
  readonly cgroupnsMode: string;
  readonly usernsMode: string;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly groupAdd: readonly string[];
  readonly restartPolicy: RestartPolicy;
  readonly securityOpt: readonly string[];
  readonly readonlyRootfs: boolean;
  readonly ulimits: readonly Ulimit[];
  readonly logConfig: { readonly type: string; readonly config: Readonly<Record<string, string>> };
  readonly cgroupParent: string;
  /** [height, width]. */
  readonly consoleSize: readonly [number, number];
  readonly volumeDriver: string;
  readonly autoRemove: boolean;
  /** null = the daemon's default. */
  readonly init: boolean | null;
  readonly mounts: readonly MountRequest[];
  readonly tmpfs: Readonly<Record<string, string>>;
  /** 0 = 64 MiB. */
  readonly shmSizeBytes: number;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly oomScoreAdj: number;
  readonly storageOpt: Readonly<Record<string, string>>;
  readonly runtime: string;
  readonly isolation: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** null = defaults, [] = none. */
  readonly maskedPaths: readonly string[] | null;
  readonly readonlyPaths: readonly string[] | null;
};

export type ContainerStatus =
  | 'creating'
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead';

/** Where a container is in its life. `paused` and `restarting` count as running on the wire. */
export type ContainerState = {
  readonly status: ContainerStatus;
  /** 0 when there is no process. */
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: tells a reused pid from ours. '' when there is no process. */
  readonly processStartTime: string;
  readonly exitCode: number;
  readonly error: string;
  /** What is known of a start that failed with `error`: what dialects make their sentences of. */
  readonly failure?: ErrorParams | undefined;
  readonly oomKilled: boolean;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  /** Stop or kill was asked for in this run: no restart policy applies. */
  readonly stopRequested: boolean;
  /** Absent for a container that is not probed or has never run. */
  readonly health?: Health;
};

/** One mounted thing of a container, as inspect shows it. */
export type MountPoint = {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** Volume name; '' otherwise. */
  readonly name: string;
  /** Host path; '' for tmpfs. */
  readonly source: string;
  readonly destination: string;
  /** Volume driver; '' otherwise. */
  readonly driver: string;
  readonly mode: string;
  readonly writable: boolean;
  readonly propagation: string;
  /** Of a bind: without what is mounted below its source; or with it, writable where that is. */
  readonly depth?: 'alone' | 'writable-below';
  /** From HostConfig.Tmpfs: mounted, not listed on the wire. */
  readonly hidden?: boolean;
  /** Options of a tmpfs; of a volume, the flags of what is mounted there: a bind would lose them. */
  readonly options?: readonly string[];
  /** Anonymous volumes are removed with the container when asked or with auto-remove. */
  readonly anonymous?: boolean;
};

/** A container's place on one network. Addresses are '' while it does not run. */
export type Endpoint = {
  readonly networkId: string;
  readonly endpointId: string;
  readonly gateway: string;
  readonly ipAddress: string;
  readonly ipPrefixLength: number;
  readonly macAddress: string;
  readonly aliases: readonly string[];
  readonly links: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
  /** What the client asked for. */
  readonly requestedIpv4: string;
  readonly requestedIpv6: string;
  readonly requestedMacAddress: string;
  readonly gatewayPriority: number;
};

/** A port as published while the container runs. */
export type PublishedPort = {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `0.0.0.0`, `::` or a host address. */
  readonly hostIp: string;
  readonly hostPort: number;
};
