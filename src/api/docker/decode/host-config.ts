import type { Static } from 'typebox';
import type { HostConfig, MountRequest, PortBinding, RestartPolicy } from '#domain/container/config.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { HostConfigBody, MountBody } from '#api/docker/schema/create-body.ts';
import { decodePortKeys } from './ports.ts';
import type { PortBindings } from './ports.ts';
import { decodeResources } from './resources.ts';

type Body = Static<typeof HostConfigBody>;

export type HostExtras = {
  /** From `PortSpecs` of the configuration. */
  readonly portSpecs: PortBindings;
  readonly clampShares: boolean;
};

const NO_EXTRAS: HostExtras = { portSpecs: {}, clampShares: false };

/** The host configuration in the engine's words; neutral values become "not given" (docker-modern.md 3.3). */
export const decodeHostConfig = (body: Body, extras: HostExtras = NO_EXTRAS): HostConfig => ({
  ...decodeNamespaces(body),
  ...decodeNames(body),
  ...decodeSecurity(body),
  ...decodeMounts(body),
  containerIdFile: body.ContainerIDFile ?? '',
  resources: decodeResources(body, extras.clampShares),
  portBindings: { ...extras.portSpecs, ...decodePortBindings(body) },
  publishAllPorts: body.PublishAllPorts ?? false,
  devices: (body.Devices ?? []).map((device) => ({
    pathOnHost: device.PathOnHost ?? '',
    pathInContainer: device.PathInContainer ?? device.PathOnHost ?? '',
    cgroupPermissions: device.CgroupPermissions ?? 'rwm',
  })),
  deviceCgroupRules: body.DeviceCgroupRules ?? [],
  deviceRequests: body.DeviceRequests ?? [],
  restartPolicy: decodeRestartPolicy(body.RestartPolicy),
  ulimits: (body.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
    name: Name ?? '',
    soft: Soft ?? 0,
    hard: Hard ?? Soft ?? 0,
  })),
  logConfig: { type: body.LogConfig?.Type ?? '', config: body.LogConfig?.Config ?? {} },
  cgroupParent: body.CgroupParent ?? '',
  consoleSize: [body.ConsoleSize?.[0] ?? 0, body.ConsoleSize?.[1] ?? 0],
  autoRemove: body.AutoRemove ?? false,
  init: body.Init ?? null,
  sysctls: body.Sysctls ?? {},
  oomScoreAdj: body.OomScoreAdj ?? 0,
  storageOpt: body.StorageOpt ?? {},
  runtime: body.Runtime ?? '',
  isolation: body.Isolation ?? '',
  annotations: body.Annotations ?? {},
});

const decodeNamespaces = (
  body: Body,
): Pick<HostConfig, 'networkMode' | 'ipcMode' | 'pidMode' | 'utsMode' | 'cgroupnsMode' | 'usernsMode'> => ({
  networkMode: body.NetworkMode === undefined || body.NetworkMode === '' ? 'default' : body.NetworkMode,
  ipcMode: body.IpcMode ?? '',
  pidMode: body.PidMode ?? '',
  utsMode: body.UTSMode ?? '',
  cgroupnsMode: body.CgroupnsMode ?? '',
  usernsMode: body.UsernsMode ?? '',
});

const decodeNames = (
  body: Body,
): Pick<HostConfig, 'dns' | 'dnsOptions' | 'dnsSearch' | 'extraHosts' | 'links'> => ({
  dns: body.Dns ?? [],
  dnsOptions: body.DnsOptions ?? [],
  dnsSearch: body.DnsSearch ?? [],
  extraHosts: body.ExtraHosts ?? [],
  links: body.Links ?? [],
});

const decodeSecurity = (
  body: Body,
): Pick<
  HostConfig,
  | 'privileged'
  | 'capAdd'
  | 'capDrop'
  | 'groupAdd'
  | 'securityOpt'
  | 'readonlyRootfs'
  | 'maskedPaths'
  | 'readonlyPaths'
> => ({
  privileged: body.Privileged ?? false,
  capAdd: body.CapAdd ?? [],
  capDrop: body.CapDrop ?? [],
  groupAdd: body.GroupAdd ?? [],
  securityOpt: body.SecurityOpt ?? [],
  readonlyRootfs: body.ReadonlyRootfs ?? false,
  maskedPaths: body.MaskedPaths ?? null,
  readonlyPaths: body.ReadonlyPaths ?? null,
});

const decodeMounts = (
  body: Body,
): Pick<HostConfig, 'binds' | 'volumesFrom' | 'volumeDriver' | 'mounts' | 'tmpfs' | 'shmSizeBytes'> => ({
  binds: body.Binds ?? [],
  // Once one text with commas, later a list.
  volumesFrom: (body.VolumesFrom ?? []).flatMap((entry) => entry.split(',')).filter((entry) => entry !== ''),
  volumeDriver: body.VolumeDriver ?? '',
  mounts: (body.Mounts ?? []).map(decodeMount),
  tmpfs: body.Tmpfs ?? {},
  shmSizeBytes: body.ShmSize ?? 0,
});

const decodePortBindings = (body: Body): PortBindings => {
  const decoded: Record<string, readonly PortBinding[]> = {};
  for (const [key, bindings] of Object.entries(body.PortBindings ?? {})) {
    for (const port of decodePortKeys([key])) {
      const list = bindings ?? [];
      decoded[port] = (list.length === 0 ? [{}] : list).map(
        ({ HostIp, HostPort }: { HostIp?: string; HostPort?: string | number }) => ({
          hostIp: HostIp ?? '',
          hostPort: HostPort === undefined ? '' : String(HostPort),
        }),
      );
    }
  }
  return decoded;
};

const POLICIES: readonly RestartPolicy['name'][] = ['', 'no', 'always', 'on-failure', 'unless-stopped'];

export const decodeRestartPolicy = (given: Body['RestartPolicy']): RestartPolicy => {
  const policy = given?.Name ?? '';
  const name = POLICIES.find((known) => known === policy);
  if (name === undefined) {
    throw new EngineError(
      'invalid',
      'config.restart-policy',
      `invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      {
        params: { policy },
      },
    );
  }
  return { name, maximumRetryCount: given?.MaximumRetryCount ?? 0 };
};

const MOUNT_TYPES: readonly MountRequest['type'][] = ['bind', 'volume', 'tmpfs', 'image'];

const decodeMount = (mount: Static<typeof MountBody>): MountRequest => {
  const type = MOUNT_TYPES.find((known) => known === (mount.Type ?? ''));
  if (type === undefined) {
    throw new EngineError(
      'invalid',
      'mount.type',
      `invalid mount config for type "${mount.Type ?? ''}": mount type unknown`,
      {
        params: { type: mount.Type ?? '' },
      },
    );
  }
  refuseForeignOptions(type, mount);
  return {
    type,
    source: mount.Source ?? '',
    target: mount.Target ?? '',
    readOnly: mount.ReadOnly ?? false,
    ...(mount.Consistency === undefined ? {} : { consistency: mount.Consistency }),
    ...decodeMountOptions(mount),
  };
};

const OPTIONS = {
  bind: 'BindOptions',
  volume: 'VolumeOptions',
  tmpfs: 'TmpfsOptions',
  image: 'ImageOptions',
} as const;

/** Options of another kind of mount are a mistake; before API 1.42 they are dropped earlier. */
const refuseForeignOptions = (type: MountRequest['type'], mount: Static<typeof MountBody>): void => {
  const foreign = Object.values(OPTIONS).find((name) => name !== OPTIONS[type] && mount[name] !== undefined);
  if (foreign === undefined) return;
  throw new EngineError(
    'invalid',
    'mount.foreign-option',
    `invalid mount config for type "${type}": field ${foreign} must not be specified`,
    {
      params: { type, option: foreign },
    },
  );
};

const decodeMountOptions = (
  mount: Static<typeof MountBody>,
): Pick<MountRequest, 'bind' | 'volume' | 'tmpfs'> => {
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = mount;
  return {
    ...(bind === undefined
      ? {}
      : {
          bind: {
            propagation: bind.Propagation ?? '',
            nonRecursive: bind.NonRecursive ?? false,
            createMountpoint: bind.CreateMountpoint ?? false,
            ...(bind.ReadOnlyNonRecursive === true ? { readOnlyNonRecursive: true } : {}),
            ...(bind.ReadOnlyForceRecursive === true ? { readOnlyForceRecursive: true } : {}),
          },
        }),
    ...(volume === undefined
      ? {}
      : {
          volume: {
            noCopy: volume.NoCopy ?? false,
            labels: volume.Labels ?? {},
            subpath: volume.Subpath ?? '',
            driver: volume.DriverConfig?.Name ?? '',
            driverOptions: volume.DriverConfig?.Options ?? {},
          },
        }),
    ...(tmpfs === undefined
      ? {}
      : { tmpfs: { sizeBytes: tmpfs.SizeBytes ?? 0, mode: tmpfs.Mode ?? 0, options: tmpfs.Options ?? [] } }),
  };
};
