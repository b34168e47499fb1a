/**
 * The part of the OCI runtime configuration (config.json, runtime-spec 1.0) that we write.
 * Names are the standard's own.
 */
export type RuntimeSpec = {
  readonly ociVersion: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly root: { readonly path: string; readonly readonly?: boolean };
  readonly process: RuntimeProcessSpec;
  readonly mounts: readonly RuntimeMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux?: RuntimeLinux;
};

export type RuntimeProcessSpec = {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: {
    readonly uid: number;
    readonly gid: number;
    readonly additionalGids?: readonly number[];
    readonly umask?: number;
  };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities?: Readonly<
    Record<'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient', readonly string[]>
  >;
  readonly rlimits?: readonly { readonly type: string; readonly soft: bigint; readonly hard: bigint }[];
  readonly noNewPrivileges?: boolean;
  readonly oomScoreAdj?: number;
  readonly apparmorProfile?: string;
};

export type RuntimeMount = {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
};

export type RuntimeNamespace = {
  readonly type: 'pid' | 'network' | 'ipc' | 'uts' | 'mount' | 'cgroup' | 'user';
  readonly path?: string;
};

export type RuntimeDeviceRule = {
  readonly allow: boolean;
  readonly type?: 'a' | 'b' | 'c';
  readonly major?: number;
  readonly minor?: number;
  readonly access?: string;
};

type RuntimeDeviceNumber = { readonly major: number; readonly minor: number };
type RuntimeThrottle = RuntimeDeviceNumber & { readonly rate: number };

export type RuntimeLinux = {
  readonly namespaces: readonly RuntimeNamespace[];
  readonly cgroupsPath?: string;
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly rootfsPropagation?: string;
  readonly devices?: readonly {
    readonly path: string;
    readonly type: 'b' | 'c' | 'u' | 'p';
    readonly major: number;
    readonly minor: number;
    readonly fileMode?: number;
    readonly uid?: number;
    readonly gid?: number;
  }[];
  readonly resources?: {
    readonly devices?: readonly RuntimeDeviceRule[];
    readonly memory?: {
      readonly limit?: number;
      readonly reservation?: number;
      readonly swap?: number;
      readonly swappiness?: number;
      readonly disableOOMKiller?: boolean;
    };
    readonly cpu?: {
      readonly shares?: number;
      readonly quota?: number;
      readonly period?: number;
      readonly realtimePeriod?: number;
      readonly realtimeRuntime?: number;
      readonly cpus?: string;
      readonly mems?: string;
    };
    readonly pids?: { readonly limit: number };
    readonly blockIO?: {
      readonly weight?: number;
      readonly weightDevice?: readonly (RuntimeDeviceNumber & { readonly weight: number })[];
      readonly throttleReadBpsDevice?: readonly RuntimeThrottle[];
      readonly throttleWriteBpsDevice?: readonly RuntimeThrottle[];
      readonly throttleReadIOPSDevice?: readonly RuntimeThrottle[];
      readonly throttleWriteIOPSDevice?: readonly RuntimeThrottle[];
    };
  };
  readonly seccomp?: RuntimeSeccomp;
};

export type RuntimeSeccomp = {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
    readonly args?: readonly {
      readonly index: number;
      /** Unsigned, of 64 bits. */
      readonly value: number | bigint;
      readonly valueTwo?: number | bigint;
      readonly op: string;
    }[];
  }[];
};
