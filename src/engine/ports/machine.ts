/** Facts about the machine and the daemon's own rights, read once at start (memory and load on call). */
export interface Machine {
  readonly facts: MachineFacts;
  /** Counts for `info`. */
  usage(): { fileDescriptors: number };
}

export type MachineFacts = {
  readonly hostname: string;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  /** `x86_64` style. */
  readonly machine: string;
  /** `amd64` style. */
  readonly architecture: string;
  readonly cpus: number;
  /** Absent where the kernel does not tell. */
  readonly memoryNodes?: number;
  readonly memoryBytes: number;
  readonly cgroup: {
    readonly version: 1 | 2;
    readonly hybrid: boolean;
    /** Controllers usable by us. */
    readonly controllers: readonly string[];
    readonly swapAccounting: boolean;
    readonly oomControl: boolean;
    /** What can be limited of block devices. */
    readonly blockIo: {
      readonly weight: boolean;
      readonly weightDevice: boolean;
      readonly readBps: boolean;
      readonly writeBps: boolean;
      readonly readIops: boolean;
      readonly writeIops: boolean;
    };
  };
  /** Capabilities the daemon itself holds (`CAP_CHOWN`...): none else can be given away. */
  readonly capabilities: readonly string[];
  readonly seccomp: boolean;
  /** The daemon's own hard rlimits by ulimit name (`nofile`), when it may not raise them; undefined when it may. */
  readonly hardLimits?: Readonly<Record<string, number>>;
  readonly apparmor: boolean;
  readonly ipForward: boolean;
  /** Path of an init program for `--init`; undefined when there is none. */
  readonly initPath?: string;
};
