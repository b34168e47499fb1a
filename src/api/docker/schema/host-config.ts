import { Type } from '#api/dialect/type.ts';
import { alive, since, until } from '#api/dialect/lifetime.ts';
import { Nullable } from '#api/dialect/schema.ts';

const Strings = Type.Array(Type.String());
const StringMap = Type.Record(Type.String(), Type.String());

export const PortBindingAnswer = Type.Object({ HostIp: Type.String(), HostPort: Type.String() });

/** `null` = not published. */
export const PortMapAnswer = Type.Record(Type.String(), Nullable(Type.Array(PortBindingAnswer)));

const Device = Type.Object({
  PathOnHost: Type.String(),
  PathInContainer: Type.String(),
  CgroupPermissions: Type.String(),
});

/** Options of one kind of mount; only what the client gave. */
const MountAnswer = Type.Object({
  Type: Type.String(),
  Source: Type.Optional(Type.String()),
  Target: Type.String(),
  ReadOnly: Type.Optional(Type.Boolean()),
  Consistency: Type.Optional(Type.String()),
  BindOptions: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  VolumeOptions: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  TmpfsOptions: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

/** `HostConfig` of inspect, with the versions that showed each member (docker-shapes.md 3b, docker-modern.md 1). */
export const HostConfigAnswer = Type.Object(
  {
    Binds: Nullable(Strings),
    ContainerIDFile: Type.String(),
    LxcConf: Nullable(Type.Array(Type.Object({ Key: Type.String(), Value: Type.String() })), until('1.22')),
    Memory: Type.Integer(since('1.18')),
    MemoryReservation: Type.Integer(since('1.21')),
    MemorySwap: Type.Integer(since('1.18')),
    KernelMemory: Type.Integer(alive(since('1.21'), until('1.42'))),
    MemorySwappiness: Nullable(Type.Integer(), since('1.20')),
    CpuShares: Type.Integer(since('1.18')),
    CpuPeriod: Type.Integer(since('1.19')),
    CpuQuota: Type.Integer(since('1.19')),
    CpuRealtimePeriod: Type.Integer(since('1.25')),
    CpuRealtimeRuntime: Type.Integer(since('1.25')),
    CpuCount: Type.Integer(since('1.25')),
    CpuPercent: Type.Integer(since('1.25')),
    NanoCpus: Type.Integer(since('1.25')),
    CpusetCpus: Type.String(since('1.18')),
    CpusetMems: Type.String(since('1.19')),
    BlkioWeight: Type.Integer(since('1.19')),
    BlkioWeightDevice: Nullable(Type.Array(Type.Unknown()), since('1.22')),
    BlkioDeviceReadBps: Nullable(Type.Array(Type.Unknown()), since('1.22')),
    BlkioDeviceWriteBps: Nullable(Type.Array(Type.Unknown()), since('1.22')),
    BlkioDeviceReadIOps: Nullable(Type.Array(Type.Unknown()), since('1.22')),
    BlkioDeviceWriteIOps: Nullable(Type.Array(Type.Unknown()), since('1.22')),
    IOMaximumIOps: Type.Integer(since('1.24')),
    IOMaximumBandwidth: Type.Integer(since('1.24')),
    OomKillDisable: Type.Boolean(since('1.19')),
    PidsLimit: Nullable(Type.Integer(), since('1.23')),
    Privileged: Type.Boolean(),
    PortBindings: Nullable(PortMapAnswer),
    Links: Nullable(Strings),
    PublishAllPorts: Type.Boolean(),
    Dns: Nullable(Strings, since('1.10')),
    DnsOptions: Nullable(Strings, since('1.21')),
    DnsSearch: Nullable(Strings, since('1.10')),
    ExtraHosts: Nullable(Strings, since('1.15')),
    VolumesFrom: Nullable(Strings, since('1.10')),
    Devices: Nullable(Type.Array(Device), since('1.14')),
    DeviceCgroupRules: Nullable(Strings, since('1.28')),
    DeviceRequests: Nullable(Type.Array(Type.Unknown()), since('1.40')),
    NetworkMode: Type.String(since('1.11')),
    IpcMode: Type.String(since('1.16')),
    PidMode: Type.String(since('1.17')),
    UTSMode: Type.String(since('1.19')),
    UsernsMode: Type.String(since('1.23')),
    CgroupnsMode: Type.String(since('1.41')),
    CapAdd: Nullable(Strings, since('1.14')),
    CapDrop: Nullable(Strings, since('1.14')),
    GroupAdd: Nullable(Strings, since('1.20')),
    RestartPolicy: Type.Object({ Name: Type.String(), MaximumRetryCount: Type.Integer() }, since('1.14')),
    SecurityOpt: Nullable(Strings, since('1.15')),
    StorageOpt: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.24'))),
    ReadonlyRootfs: Type.Boolean(since('1.17')),
    Ulimits: Nullable(
      Type.Array(Type.Object({ Name: Type.String(), Hard: Type.Integer(), Soft: Type.Integer() })),
      since('1.18'),
    ),
    LogConfig: Type.Object({ Type: Type.String(), Config: Nullable(StringMap) }, since('1.18')),
    Cgroup: Type.String(since('1.23')),
    CgroupParent: Type.String(since('1.18')),
    ConsoleSize: Type.Array(Type.Integer(), since('1.20')),
    VolumeDriver: Type.String(since('1.21')),
    AutoRemove: Type.Boolean(since('1.25')),
    Init: Type.Optional(Type.Boolean(since('1.25'))),
    Mounts: Type.Optional(Type.Array(MountAnswer, since('1.25'))),
    Tmpfs: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.22'))),
    ShmSize: Type.Integer(since('1.22')),
    Sysctls: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.24'))),
    OomScoreAdj: Type.Integer(since('1.22')),
    Runtime: Type.String(since('1.25')),
    Isolation: Type.String(since('1.22')),
    Annotations: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.43'))),
    MaskedPaths: Nullable(Strings, since('1.38')),
    ReadonlyPaths: Nullable(Strings, since('1.38')),
  },
  { $id: 'HostConfigAnswer' },
);
