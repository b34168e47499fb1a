import { Type } from '#api/dialect/type.ts';
import { alive, since, until } from '#api/dialect/lifetime.ts';
import { Filters, internal, Nullable } from '#api/dialect/schema.ts';
import { ConfigAnswer } from './config.ts';
import { HostConfigAnswer, PortMapAnswer } from './host-config.ts';

const Text = Type.String;
const Strings = Type.Array(Type.String());
const Addresses = Nullable(
  Type.Array(Type.Object({ Addr: Text(), PrefixLen: Type.Integer() })),
  since('1.19'),
);

export const HealthAnswer = Type.Object(
  {
    Status: Text(),
    FailingStreak: Type.Integer(),
    Log: Type.Array(Type.Object({ Start: Text(), End: Text(), ExitCode: Type.Integer(), Output: Text() })),
  },
  { $id: 'HealthAnswer' },
);

export const StateAnswer = Type.Object(
  {
    Status: Text(since('1.21')),
    Running: Type.Boolean(),
    Paused: Type.Boolean(since('1.12')),
    Restarting: Type.Boolean(since('1.14')),
    OOMKilled: Type.Boolean(since('1.16')),
    Dead: Type.Boolean(since('1.18')),
    Pid: Type.Integer(),
    ExitCode: Type.Integer(),
    Error: Text(since('1.16')),
    StartedAt: Text(),
    FinishedAt: Text(since('1.6')),
    Ghost: Type.Boolean(until('1.11')),
    Health: Type.Optional(Type.With(HealthAnswer, since('1.24'))),
  },
  { $id: 'StateAnswer' },
);

export const EndpointAnswer = Type.Object(
  {
    IPAMConfig: Nullable(
      Type.Object({ IPv4Address: Type.Optional(Text()), IPv6Address: Type.Optional(Text()) }),
      since('1.22'),
    ),
    Links: Nullable(Strings, since('1.22')),
    Aliases: Nullable(Strings, since('1.22')),
    MacAddress: Text(),
    DriverOpts: Nullable(Type.Record(Type.String(), Type.String()), since('1.32')),
    GwPriority: Type.Integer(since('1.48')),
    NetworkID: Text(since('1.22')),
    EndpointID: Text(),
    Gateway: Text(),
    IPAddress: Text(),
    IPPrefixLen: Type.Integer(),
    IPv6Gateway: Text(),
    GlobalIPv6Address: Text(),
    GlobalIPv6PrefixLen: Type.Integer(),
    DNSNames: Nullable(Strings, since('1.44')),
  },
  { $id: 'EndpointAnswer' },
);

export const NetworkSettingsAnswer = Type.Object(
  {
    Bridge: Text(),
    SandboxID: Text(since('1.20')),
    SandboxKey: Text(since('1.19')),
    HairpinMode: Type.Boolean(since('1.19')),
    LinkLocalIPv6Address: Text(since('1.17')),
    LinkLocalIPv6PrefixLen: Type.Integer(since('1.17')),
    Ports: Type.With(PortMapAnswer, since('1.6')),
    PortMapping: Type.Optional(Type.Unknown(until('1.20'))),
    SecondaryIPAddresses: Addresses,
    SecondaryIPv6Addresses: Addresses,
    NetworkID: Text(alive(since('1.19'), until('1.20'))),
    EndpointID: Text(since('1.19')),
    Gateway: Text(),
    GlobalIPv6Address: Text(since('1.17')),
    GlobalIPv6PrefixLen: Type.Integer(since('1.17')),
    IPAddress: Text(since('1.2')),
    IPPrefixLen: Type.Integer(since('1.2')),
    IPv6Gateway: Text(since('1.17')),
    MacAddress: Text(since('1.15')),
    IpAddress: Text(until('1.12')),
    IpPrefixLen: Type.Integer(until('1.12')),
    Networks: Type.Record(Type.String(), EndpointAnswer, since('1.21')),
  },
  { $id: 'NetworkSettingsAnswer' },
);

export const MountPointAnswer = Type.Object(
  {
    Type: Text(since('1.25')),
    Name: Type.Optional(Text()),
    Source: Text(),
    Destination: Text(),
    Driver: Type.Optional(Text()),
    Mode: Text(),
    RW: Type.Boolean(),
    Propagation: Text(since('1.22')),
  },
  { $id: 'MountPointAnswer' },
);

/** docker-shapes.md 4, docker-modern.md 3.1. */
export const ContainerAnswer = Type.Object(
  {
    Id: Text(),
    ID: Text(alive(since('1.2'), until('1.12'))),
    Created: Text(),
    Path: Text(),
    Args: Strings,
    State: StateAnswer,
    Image: Text(),
    ResolvConfPath: Text(),
    HostnamePath: Text(since('1.5')),
    HostsPath: Text(since('1.5')),
    LogPath: Text(since('1.18')),
    Name: Text(since('1.6')),
    RestartCount: Type.Integer(since('1.17')),
    Driver: Text(since('1.8')),
    ExecDriver: Text(alive(since('1.10'), until('1.22'))),
    Platform: Text(since('1.32')),
    MountLabel: Text(since('1.11')),
    ProcessLabel: Text(since('1.11')),
    AppArmorProfile: Text(since('1.15')),
    ExecIDs: Nullable(Strings, since('1.17')),
    HostConfig: Type.With(HostConfigAnswer, since('1.8')),
    GraphDriver: Type.Object(
      { Name: Text(), Data: Nullable(Type.Record(Type.String(), Type.String())) },
      since('1.20'),
    ),
    SizeRw: Type.Optional(Type.Integer(since('1.21'))),
    SizeRootFs: Type.Optional(Type.Integer(since('1.21'))),
    Mounts: Type.Array(MountPointAnswer, since('1.20')),
    Volumes: Type.Record(Type.String(), Type.String(), until('1.20')),
    VolumesRW: Type.Record(Type.String(), Type.Boolean(), alive(since('1.3'), until('1.20'))),
    Config: ConfigAnswer,
    NetworkSettings: NetworkSettingsAnswer,
    SysInitPath: Text(until('1.8')),
  },
  { $id: 'ContainerAnswer' },
);

export const PortAnswer = Type.Object(
  {
    IP: Type.Optional(Text(since('1.6'))),
    PrivatePort: Type.Integer(),
    PublicPort: Type.Optional(Type.Integer()),
    Type: Text(),
  },
  { $id: 'PortAnswer' },
);

/** docker-shapes.md 1, docker-modern.md 3.2. Internal members feed the older forms. */
export const ContainerItem = Type.Object(
  {
    Id: Text(),
    Names: Type.Array(Type.String(), since('1.6')),
    Image: Text(),
    ImageID: Text(since('1.21')),
    Command: Text(),
    Created: Type.Integer(),
    Ports: Type.Array(PortAnswer),
    SizeRw: Type.Optional(Type.Integer(since('1.2'))),
    SizeRootFs: Type.Optional(Type.Integer(since('1.2'))),
    Labels: Type.Record(Type.String(), Type.String(), since('1.18')),
    State: Text(since('1.23')),
    Status: Text(),
    HostConfig: Type.Object(
      {
        NetworkMode: Text(),
        Annotations: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.46'))),
      },
      since('1.20'),
    ),
    NetworkSettings: Type.Object({ Networks: Type.Record(Type.String(), EndpointAnswer) }, since('1.22')),
    Mounts: Type.Array(MountPointAnswer, since('1.23')),
    /** Executable and arguments, unquoted. */
    argv: Type.Optional(Type.Array(Type.String(), internal)),
    /** The reference as typed at create. */
    typedImage: Type.Optional(Type.String(internal)),
    /** One tag of the image, or its short id. */
    anyTag: Type.Optional(Type.String(internal)),
    exitCode: Type.Optional(Type.Integer(internal)),
  },
  { $id: 'ContainerItem' },
);

export const ContainersQuery = Type.Object(
  {
    all: Type.Boolean(),
    limit: Type.Optional(Type.Integer()),
    since: Type.Optional(Type.String()),
    before: Type.Optional(Type.String()),
    size: Type.Boolean(since('1.2')),
    filters: Filters(since('1.14')),
    /** Filters nobody knows say nothing, instead of being an error. */
    ignoresUnknown: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'ContainersQuery' },
);
