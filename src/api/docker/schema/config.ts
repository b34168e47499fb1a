import { Type } from '#api/dialect/type.ts';
import { alive, since, until } from '#api/dialect/lifetime.ts';
import { Nullable } from '#api/dialect/schema.ts';

const Strings = Type.Array(Type.String());
const StringMap = Type.Record(Type.String(), Type.String());
const Keys = Type.Record(Type.String(), Type.Object({}));

/** Durations in nanoseconds. */
export const Healthcheck = Type.Object(
  {
    Test: Type.Optional(Nullable(Strings)),
    Interval: Type.Optional(Type.Integer()),
    Timeout: Type.Optional(Type.Integer()),
    StartPeriod: Type.Optional(Type.Integer(since('1.29'))),
    StartInterval: Type.Optional(Type.Integer(since('1.44'))),
    Retries: Type.Optional(Type.Integer()),
  },
  { $id: 'Healthcheck' },
);

/**
 * `Config` of container and image inspect: every member any version showed, with the versions that did
 * (docker-shapes.md 3a, docker-modern.md 3.1).
 */
export const ConfigAnswer = Type.Object(
  {
    Hostname: Type.String(),
    Domainname: Type.String(since('1.5')),
    User: Type.String(),
    AttachStdin: Type.Boolean(),
    AttachStdout: Type.Boolean(),
    AttachStderr: Type.Boolean(),
    PortSpecs: Nullable(Strings, until('1.20')),
    ExposedPorts: Type.Optional(Type.Record(Type.String(), Type.Object({}), since('1.6'))),
    Tty: Type.Boolean(),
    OpenStdin: Type.Boolean(),
    StdinOnce: Type.Boolean(),
    Env: Nullable(Strings),
    Cmd: Nullable(Strings),
    Healthcheck: Type.Optional(Type.With(Healthcheck, since('1.24'))),
    Dns: Nullable(Strings, until('1.10')),
    Image: Type.String(),
    Volumes: Nullable(Keys),
    VolumesFrom: Type.String(until('1.10')),
    VolumeDriver: Type.String(alive(since('1.19'), until('1.21'))),
    WorkingDir: Type.String(since('1.4')),
    Entrypoint: Nullable(Strings, since('1.3')),
    NetworkDisabled: Type.Optional(Type.Boolean(since('1.4'))),
    MacAddress: Type.Optional(Type.String(since('1.16'))),
    OnBuild: Nullable(Strings, since('1.9')),
    Labels: Nullable(StringMap, since('1.18')),
    StopSignal: Type.Optional(Type.String(since('1.21'))),
    StopTimeout: Type.Optional(Type.Integer(since('1.25'))),
    Shell: Type.Optional(Type.Array(Type.String(), since('1.25'))),
    Memory: Type.Integer(until('1.20')),
    MemorySwap: Type.Integer(until('1.20')),
    CpuShares: Type.Integer(until('1.20')),
    Cpuset: Type.String(alive(since('1.12'), until('1.20'))),
    Privileged: Type.Boolean(alive(since('1.4'), until('1.6'))),
  },
  { $id: 'ConfigAnswer' },
);
