import { Type } from '#api/dialect/type.ts';
import type { TSchema } from 'typebox';
import { refuseBefore, since } from '#api/dialect/lifetime.ts';
import { internal, Nullable, NumericText, StringOrList } from '#api/dialect/schema.ts';
import { Healthcheck } from './config.ts';

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);

const Text = optional(Type.String());
const Flag = optional(Type.Boolean());
const Count = optional(NumericText());
const Strings = optional(Type.Array(Type.String()));
const StringMap = optional(Type.Record(Type.String(), Type.String()));
/** `{"80/tcp": {}}`: only the keys count. */
const Keys = optional(Type.Record(Type.String(), Nullable(Type.Unknown())));

const PortBinding = Type.Object({
  HostIp: Text,
  HostPort: optional(Type.Union([Type.String(), Type.Number()])),
});

export const MountBody = Type.Object(
  {
    Type: Text,
    Source: Text,
    Target: Text,
    ReadOnly: Flag,
    Consistency: Text,
    BindOptions: optional(
      Type.Object({
        Propagation: Text,
        NonRecursive: optional(Type.Boolean(since('1.40'))),
        CreateMountpoint: optional(Type.Boolean(since('1.42'))),
        ReadOnlyNonRecursive: optional(
          Type.Boolean(refuseBefore('1.44', 'BindOptions.ReadOnlyNonRecursive needs API v1.44 or newer')),
        ),
        ReadOnlyForceRecursive: optional(
          Type.Boolean(refuseBefore('1.44', 'BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer')),
        ),
      }),
    ),
    VolumeOptions: optional(
      Type.Object({
        NoCopy: Flag,
        Labels: StringMap,
        Subpath: optional(
          Type.String(refuseBefore('1.45', 'VolumeOptions.Subpath needs API v1.45 or newer')),
        ),
        DriverConfig: optional(Type.Object({ Name: Text, Options: StringMap })),
      }),
    ),
    TmpfsOptions: optional(
      Type.Object({
        SizeBytes: Count,
        Mode: Count,
        Options: optional(Type.Array(Type.Array(Type.String()), since('1.46'))),
      }),
    ),
    ImageOptions: optional(Type.Object({ Subpath: Text }, since('1.48'))),
  },
  { $id: 'MountBody' },
);

const Rates = optional(Nullable(Type.Array(Nullable(Type.Object({ Path: Text, Rate: Count })))));

/** Limits: in HostConfig today, flat in the body of old clients and of `update`. */
export const RESOURCE_MEMBERS = {
  Memory: Count,
  MemorySwap: Count,
  MemoryReservation: Count,
  KernelMemory: Count,
  MemorySwappiness: optional(Nullable(NumericText())),
  OomKillDisable: optional(Nullable(Type.Boolean())),
  CpuShares: Count,
  CpuPeriod: Count,
  CpuQuota: Count,
  CpuRealtimePeriod: Count,
  CpuRealtimeRuntime: Count,
  NanoCpus: Count,
  /** The CLI of 1.12 to 1.17 calls it Cpuset. */
  Cpuset: Text,
  CpusetCpus: Text,
  CpusetMems: Text,
  BlkioWeight: Count,
  BlkioWeightDevice: optional(Nullable(Type.Array(Nullable(Type.Object({ Path: Text, Weight: Count }))))),
  BlkioDeviceReadBps: Rates,
  BlkioDeviceWriteBps: Rates,
  BlkioDeviceReadIOps: Rates,
  BlkioDeviceWriteIOps: Rates,
  PidsLimit: optional(Nullable(NumericText(), since('1.23'))),
};

/** What clients of any version send as host configuration; accepted in full at every version (docker-shapes.md 3b). */
export const HostConfigBody = Type.Object(
  {
    ...RESOURCE_MEMBERS,
    Binds: Strings,
    ContainerIDFile: Text,
    /** `[{Key,Value}]` or a plain object; no driver of ours reads it. */
    LxcConf: optional(Type.Unknown()),
    Privileged: Flag,
    PortBindings: optional(Type.Record(Type.String(), Nullable(Type.Array(PortBinding)))),
    Links: Strings,
    PublishAllPorts: Flag,
    Dns: optional(StringOrList()),
    DnsOptions: Strings,
    DnsSearch: optional(StringOrList()),
    ExtraHosts: Strings,
    VolumesFrom: optional(StringOrList()),
    Devices: optional(
      Type.Array(Type.Object({ PathOnHost: Text, PathInContainer: Text, CgroupPermissions: Text })),
    ),
    DeviceCgroupRules: Strings,
    DeviceRequests: optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
    NetworkMode: Text,
    IpcMode: Text,
    PidMode: Text,
    UTSMode: Text,
    UsernsMode: Text,
    CgroupnsMode: optional(Type.String(since('1.41'))),
    CapAdd: optional(StringOrList()),
    CapDrop: optional(StringOrList()),
    GroupAdd: Strings,
    RestartPolicy: optional(Type.Object({ Name: Text, MaximumRetryCount: Count })),
    SecurityOpt: Strings,
    StorageOpt: StringMap,
    ReadonlyRootfs: Flag,
    Ulimits: optional(Type.Array(Type.Object({ Name: Text, Hard: Count, Soft: Count }))),
    LogConfig: optional(Type.Object({ Type: Text, Config: StringMap })),
    CgroupParent: Text,
    ConsoleSize: optional(Type.Array(Type.Integer(), since('1.42'))),
    VolumeDriver: Text,
    /** Before, the client removed; with both of us at it, its own removal fails. */
    AutoRemove: optional(Type.Boolean(since('1.25'))),
    Init: optional(Nullable(Type.Boolean())),
    Mounts: optional(Type.Array(MountBody)),
    Tmpfs: StringMap,
    ShmSize: Count,
    Sysctls: StringMap,
    OomScoreAdj: Count,
    Runtime: Text,
    Isolation: Text,
    Annotations: optional(Type.Record(Type.String(), Type.String(), since('1.43'))),
    MaskedPaths: optional(Nullable(Type.Array(Type.String()))),
    ReadonlyPaths: optional(Nullable(Type.Array(Type.String()))),
  },
  { $id: 'HostConfigBody' },
);

export const EndpointBody = Type.Object(
  {
    IPAMConfig: optional(Type.Object({ IPv4Address: Text, IPv6Address: Text, LinkLocalIPs: Strings })),
    Links: Strings,
    Aliases: Strings,
    DriverOpts: StringMap,
    MacAddress: optional(Type.String(since('1.44'))),
    GwPriority: optional(NumericText(since('1.48'))),
    NetworkID: Text,
    EndpointID: Text,
  },
  { $id: 'EndpointBody' },
);

/** Members of a container's configuration, as create and commit take them. */
export const CONFIG_MEMBERS = {
  Hostname: Text,
  Domainname: Text,
  User: Text,
  AttachStdin: Flag,
  AttachStdout: Flag,
  AttachStderr: Flag,
  ExposedPorts: Keys,
  PortSpecs: Strings,
  Tty: Flag,
  OpenStdin: Flag,
  StdinOnce: Flag,
  Env: Strings,
  Cmd: optional(Nullable(StringOrList())),
  Healthcheck: optional(Healthcheck),
  Image: Text,
  Volumes: Keys,
  WorkingDir: Text,
  Entrypoint: optional(Nullable(StringOrList())),
  NetworkDisabled: Flag,
  MacAddress: Text,
  OnBuild: Strings,
  Labels: StringMap,
  StopSignal: Text,
  StopTimeout: optional(Nullable(NumericText(), since('1.25'))),
  Shell: Strings,
};

/**
 * The body of create: the configuration flat, HostConfig, networks, and, for old clients, host members
 * beside the configuration (docker-shapes.md 3a, "Input rule for old clients").
 */
export const CreateBody = Type.Object(
  {
    ...HostConfigBody.properties,
    ...CONFIG_MEMBERS,
    HostConfig: optional(HostConfigBody),
    NetworkingConfig: optional(
      Type.Object({ EndpointsConfig: optional(Type.Record(Type.String(), Nullable(EndpointBody))) }),
    ),
    /** Old requests: what silence meant. */
    clampCpuShares: optional(Type.Boolean(internal)),
    defaultsToHostCgroup: optional(Type.Boolean(internal)),
    refusesMoreOnHostNetwork: optional(Type.Boolean(internal)),
    habits: optional(
      Type.Object(
        {
          resolver: optional(Type.Union([Type.Literal('servers-first'), Type.Literal('search-first')])),
          wholeHostName: optional(Type.Boolean()),
          ownHostFirst: optional(Type.Boolean()),
          bareLinks: optional(Type.Boolean()),
          lateTargets: optional(Type.Boolean()),
          lateVolumes: optional(Type.Boolean()),
          leastMemoryBytes: optional(Type.Integer()),
        },
        internal,
      ),
    ),
  },
  { $id: 'CreateBody' },
);

/** Host configuration sent with start by clients older than API 1.24, bare or as a member. */
export const StartBody = Type.Object(
  { ...HostConfigBody.properties, HostConfig: optional(HostConfigBody) },
  { $id: 'StartBody' },
);

export const CreateQuery = Type.Object(
  { name: optional(Type.String(since('1.6'))), platform: optional(Type.String(since('1.41'))) },
  { $id: 'CreateQuery' },
);

export const CreateAnswer = Type.Object(
  { Id: Type.String(), Warnings: Nullable(Type.Array(Type.String())) },
  { $id: 'CreateAnswer' },
);
