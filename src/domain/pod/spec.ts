import type { RestartPolicy, Ulimit } from '#domain/container/config.ts';
import type { SandboxId } from '#domain/value/flavor.ts';

export type Isolation = 'namespace' | 'vm';

/** Limits of everything in one sandbox together; 0 = none. */
export type PodResources = {
  /** Processors; fractions allowed. */
  readonly cpus: number;
  readonly memoryBytes: number;
};

/** What somebody asks for: a pod up to its first start. `verifyPodSpec` has the rules. */
export type PodSpec = {
  /** '' = `pod-` and ten random letters. Unique; also the name of what the pod has on the machine. */
  readonly id: string;
  /** '' = the id. Free text without colons; several may have one: found after the ids, the oldest first. */
  readonly name: string;
  /** '' = the name, as far as it is one of a host, cut to 63 characters. */
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  /** '' = the daemon's default (`namespace`). */
  readonly isolation: '' | Isolation;
  readonly resources: PodResources;
  /** What was asked for of them, where a size was filled in for what was not; absent: all of them. */
  readonly requested?: PodResources;
  readonly dns: PodDns;
  /** [] = one on the default network. */
  readonly interfaces: readonly PodInterface[];
  readonly portMappings: readonly PortMapping[];
  readonly whiteLists: WhiteLists;
  readonly services: readonly PodService[];
  readonly volumes: readonly PodVolume[];
  readonly files: readonly PodFile[];
  readonly containers: readonly PodContainerSpec[];
  /** Of containers that say nothing else; type '' = the daemon's default. */
  readonly log: PodLog;
  /** `net.*`, `kernel.shm*`, `kernel.msg*`, `kernel.sem`, `fs.mqueue.*`. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Whether the containers see each other's processes. */
  readonly sharesProcesses: boolean;
  /** What happens when its last container has ended: it stays, or it is stopped, or stopped and removed. */
  readonly whenAllEnded: 'keep' | 'stop' | 'remove';
  /**
   * Of a pod that is stopped when all have ended: whether it is started again as a whole, in a sandbox of its own. A stop
   * by hand makes it `never`. Absent: nobody has thought of it.
   */
  readonly restart?: PodRestart;
};

export type PodRestart = 'never' | 'on-failure' | 'always';

export type PodDns = {
  /** Not empty: the host's name servers are not taken over. */
  readonly servers: readonly string[];
  readonly options: readonly string[];
  readonly search: readonly string[];
};

export type PodLog = { readonly type: string; readonly config: Readonly<Record<string, string>> };

/** The bridge of pods that name none, where one must be named. */
export const USUAL_BRIDGE = 'default';

/** An interface of the pod; '' and 0 = chosen by the daemon. */
export type PodInterface = {
  /** Its name on the machine, or `USUAL_BRIDGE`; with an address. */
  readonly bridge: string;
  /** `192.168.1.2/24`, or an address alone. */
  readonly address: string;
  readonly name: string;
  readonly macAddress: string;
  readonly mtu: number;
  /** At most one of a pod's interfaces has one. */
  readonly gateway: string;
};

/** Ports as text: `80`, or `80-90` (ascending). */
export type PortMapping = {
  readonly containerPort: string;
  /** '' = a free one. As many as container ports, or one for one. */
  readonly hostPort: string;
  readonly protocol: 'tcp' | 'udp';
};

/**
 * Who may reach the pod, as CIDRs: `internal` every port, `external` mapped ports. Holds when both
 * lists have something in them; then nobody else may.
 */
export type WhiteLists = { readonly internal: readonly string[]; readonly external: readonly string[] };

/** An address inside the pod behind which connections take turns between hosts. */
export type PodService = {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** The protocol as it was written, where that was otherwise. */
  readonly spelling?: string;
  readonly hosts: readonly { readonly address: string; readonly port: number }[];
};

export type PodVolume = {
  readonly name: string;
  /**
   * `empty`: made with the pod and removed with it. `host`: a directory or file of the host, which must
   * exist. `block`, `network`: not supported by namespaces. `unknown`: asked for with a word that means nothing.
   */
  readonly kind: 'empty' | 'host' | 'block' | 'network' | 'unknown';
  /** The word, of those that are `unknown`. */
  readonly format?: string;
  /** Absolute path for `host`. */
  readonly source: string;
  /** How what is read and written is cached where the volume is a block device; '' = the usual way. */
  readonly cache?: string;
};

/** Content to be put into containers. */
export type PodFile = {
  readonly name: string;
  readonly encoding: 'raw' | 'base64';
  /** base64 that is corrupt gives the part before the fault. */
  readonly content: string;
  /** `file:`, `http:` or `https:`; wins over `content`. */
  readonly uri: string;
};

export type PodVolumeReference = {
  readonly path: string;
  readonly volume: string;
  readonly readOnly: boolean;
  /** Defines the volume here instead of in the pod's list. */
  readonly detail?: PodVolume;
};

export type PodFileReference = {
  /** Ends in `/`: a directory, the file keeps its name. */
  readonly path: string;
  readonly file: string;
  /** Octal text, `0644`; '' = `0755`; `0` likewise. */
  readonly permissions: string;
  /** Number or name; '' = root. */
  readonly user: string;
  readonly group: string;
  readonly detail?: PodFile;
};

export type PodContainerSpec = {
  /** '' = pod id, last word of the image and index (or random letters, when added later). */
  readonly name: string;
  readonly image: string;
  /** null = the image's. */
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  /** '' = the image's. */
  readonly workingDir: string;
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** `user[:group]`; '' = the image's. */
  readonly user: string;
  readonly additionalGroups: readonly string[];
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly restartPolicy: RestartPolicy;
  readonly volumes: readonly PodVolumeReference[];
  readonly files: readonly PodFileReference[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly stopTimeoutSeconds?: number;
  readonly ulimits: readonly Ulimit[];
  readonly readOnlyRoot: boolean;
  /** As a volume's, of the root. */
  readonly cache?: string;
  /** Absent = the pod's. */
  readonly log?: PodLog;
  /** Added to the root's capabilities and rights where a dialect knows such words. */
  readonly privileged?: boolean;
  /** On top of the pod's limits; 0 = none. */
  readonly resources?: PodResources;
};

/** A sandbox that may stand empty: pods start in it and are stopped out of it. */
export type SandboxSpec = {
  /** '' = `sandbox-` and ten random letters. */
  readonly id: SandboxId;
  readonly isolation: '' | Isolation;
  readonly resources: PodResources;
};
