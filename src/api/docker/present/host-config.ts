import type { Static } from 'typebox';
import type {
  DeviceRate,
  HostConfig,
  MountRequest,
  PortBinding,
  Resources,
} from '#domain/container/config.ts';
import { maskedPathsOf, readonlyPathsOf } from '#domain/container/guarded-paths.ts';
import type { HostConfigAnswer } from '#api/docker/schema/host-config.ts';
import { whole } from './whole.ts';

type Answer = Static<typeof HostConfigAnswer>;

const filledOrNull = <T>(list: readonly T[]): T[] | null => (list.length === 0 ? null : [...list]);

/** Every member any version of `HostConfig` ever had; what create takes back (docker-shapes.md 3b). */
export const presentHostConfig = (host: HostConfig): Answer => ({
  ...presentResources(host.resources),
  ...presentNetwork(host),
  ...presentNamespaces(host),
  ...presentMountMembers(host),
  ...presentSecurity(host),
  ContainerIDFile: host.containerIdFile,
  LxcConf: null,
  Devices: host.devices.map(({ pathOnHost, pathInContainer, cgroupPermissions }) => ({
    PathOnHost: pathOnHost,
    PathInContainer: pathInContainer,
    CgroupPermissions: cgroupPermissions,
  })),
  DeviceCgroupRules: filledOrNull(host.deviceCgroupRules),
  DeviceRequests: filledOrNull(host.deviceRequests),
  RestartPolicy: {
    Name: host.restartPolicy.name === '' ? 'no' : host.restartPolicy.name,
    MaximumRetryCount: host.restartPolicy.maximumRetryCount,
  },
  ...(Object.keys(host.storageOpt).length === 0 ? {} : { StorageOpt: { ...host.storageOpt } }),
  Ulimits: filledOrNull(
    host.ulimits.map(({ name, hard, soft }) => ({ Name: name, Hard: whole(hard), Soft: whole(soft) })),
  ),
  LogConfig: { Type: host.logConfig.type, Config: { ...host.logConfig.config } },
  Cgroup: '',
  CgroupParent: host.cgroupParent,
  ConsoleSize: [...host.consoleSize],
  AutoRemove: host.autoRemove,
  ...(host.init === null ? {} : { Init: host.init }),
  ...(Object.keys(host.sysctls).length === 0 ? {} : { Sysctls: { ...host.sysctls } }),
  OomScoreAdj: host.oomScoreAdj,
  Runtime: host.runtime === '' ? 'runc' : host.runtime,
  Isolation: host.isolation,
  ...(Object.keys(host.annotations).length === 0 ? {} : { Annotations: { ...host.annotations } }),
});

const presentResources = (limits: Resources) => ({
  Memory: whole(limits.memoryBytes),
  MemoryReservation: whole(limits.memoryReservationBytes),
  MemorySwap: whole(limits.memorySwapBytes),
  KernelMemory: whole(limits.kernelMemoryBytes),
  MemorySwappiness: limits.memorySwappiness,
  CpuShares: whole(limits.cpuShares),
  CpuPeriod: whole(limits.cpuPeriod),
  CpuQuota: whole(limits.cpuQuota),
  CpuRealtimePeriod: whole(limits.cpuRealtimePeriod),
  CpuRealtimeRuntime: whole(limits.cpuRealtimeRuntime),
  CpuCount: 0,
  CpuPercent: 0,
  NanoCpus: whole(limits.nanoCpus),
  CpusetCpus: limits.cpusetCpus,
  CpusetMems: limits.cpusetMems,
  BlkioWeight: limits.blkioWeight,
  BlkioWeightDevice: (limits.blkioWeightDevice ?? []).map(({ path, weight }) => ({
    Path: path,
    Weight: weight,
  })),
  BlkioDeviceReadBps: presentRates(limits.blkioReadBps),
  BlkioDeviceWriteBps: presentRates(limits.blkioWriteBps),
  BlkioDeviceReadIOps: presentRates(limits.blkioReadIops),
  BlkioDeviceWriteIOps: presentRates(limits.blkioWriteIops),
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
  OomKillDisable: limits.oomKillDisable,
  // Freed by an update: a nought, not nothing.
  PidsLimit: limits.pidsLimit === 0 ? null : whole(Math.max(0, limits.pidsLimit)),
});

const presentRates = (list: readonly DeviceRate[] = []) =>
  list.map(({ path, rate }) => ({ Path: path, Rate: whole(rate) }));

const presentNetwork = (host: HostConfig) => ({
  PortBindings: presentBindings(host.portBindings),
  Links: filledOrNull(host.links),
  PublishAllPorts: host.publishAllPorts,
  Dns: [...host.dns],
  DnsOptions: [...host.dnsOptions],
  DnsSearch: [...host.dnsSearch],
  ExtraHosts: filledOrNull(host.extraHosts),
  NetworkMode: host.networkMode,
});

const presentBindings = (
  bindings: HostConfig['portBindings'],
): Record<string, { HostIp: string; HostPort: string }[]> =>
  Object.fromEntries(
    Object.entries(bindings).map(([port, list]) => [
      port,
      list.map(({ hostIp, hostPort }: PortBinding) => ({ HostIp: hostIp, HostPort: hostPort })),
    ]),
  );

const presentNamespaces = (host: HostConfig) => ({
  IpcMode: host.ipcMode,
  PidMode: host.pidMode,
  UTSMode: host.utsMode,
  UsernsMode: host.usernsMode,
  CgroupnsMode: host.cgroupnsMode,
});

const presentMountMembers = (host: HostConfig) => ({
  Binds: filledOrNull(host.binds),
  VolumesFrom: filledOrNull(host.volumesFrom),
  VolumeDriver: host.volumeDriver,
  ...(host.mounts.length === 0 ? {} : { Mounts: host.mounts.map(presentMount) }),
  ...(Object.keys(host.tmpfs).length === 0 ? {} : { Tmpfs: { ...host.tmpfs } }),
  ShmSize: host.shmSizeBytes === 0 ? 64 * 1024 * 1024 : whole(host.shmSizeBytes),
});

const presentMount = (mount: MountRequest) => ({
  Type: mount.type,
  ...(mount.source === '' ? {} : { Source: mount.source }),
  Target: mount.target,
  ...(mount.readOnly ? { ReadOnly: true } : {}),
  ...((mount.consistency ?? '') === '' ? {} : { Consistency: mount.consistency }),
  ...(mount.bind === undefined
    ? {}
    : {
        BindOptions: {
          ...(mount.bind.propagation === '' ? {} : { Propagation: mount.bind.propagation }),
          ...(mount.bind.nonRecursive ? { NonRecursive: true } : {}),
          ...(mount.bind.createMountpoint ? { CreateMountpoint: true } : {}),
          ...(mount.bind.readOnlyNonRecursive === true ? { ReadOnlyNonRecursive: true } : {}),
          ...(mount.bind.readOnlyForceRecursive === true ? { ReadOnlyForceRecursive: true } : {}),
        },
      }),
  ...(mount.volume === undefined
    ? {}
    : {
        VolumeOptions: {
          ...(mount.volume.noCopy ? { NoCopy: true } : {}),
          ...(Object.keys(mount.volume.labels).length === 0 ? {} : { Labels: { ...mount.volume.labels } }),
          ...(mount.volume.subpath === '' ? {} : { Subpath: mount.volume.subpath }),
          ...presentDriver(mount.volume),
        },
      }),
  ...(mount.tmpfs === undefined
    ? {}
    : {
        TmpfsOptions: {
          ...(mount.tmpfs.sizeBytes === 0 ? {} : { SizeBytes: whole(mount.tmpfs.sizeBytes) }),
          ...(mount.tmpfs.mode === 0 ? {} : { Mode: mount.tmpfs.mode }),
          ...(mount.tmpfs.options.length === 0
            ? {}
            : { Options: mount.tmpfs.options.map((option) => [...option]) }),
        },
      }),
});

/** Nothing where no driver was named: clients hand inspect's mounts back to create. */
const presentDriver = ({ driver, driverOptions }: NonNullable<MountRequest['volume']>) => {
  const hasOptions = Object.keys(driverOptions).length > 0;
  if (driver === '' && !hasOptions) return {};
  const Options = hasOptions ? { Options: { ...driverOptions } } : {};
  return { DriverConfig: { ...(driver === '' ? {} : { Name: driver }), ...Options } };
};

const presentSecurity = (host: HostConfig) => ({
  Privileged: host.privileged,
  CapAdd: filledOrNull(host.capAdd),
  CapDrop: filledOrNull(host.capDrop),
  GroupAdd: filledOrNull(host.groupAdd),
  SecurityOpt: filledOrNull(host.securityOpt),
  ReadonlyRootfs: host.readonlyRootfs,
  MaskedPaths: copyOrNull(maskedPathsOf(host)),
  ReadonlyPaths: copyOrNull(readonlyPathsOf(host)),
});

const copyOrNull = (list: readonly string[] | null): string[] | null => (list === null ? null : [...list]);
