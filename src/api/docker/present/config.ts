import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { ContainerConfig, Healthcheck } from '#domain/container/config.ts';
import { whole } from './whole.ts';
import type { ConfigAnswer, Healthcheck as HealthcheckSchema } from '#api/docker/schema/config.ts';

type Answer = Static<typeof ConfigAnswer>;

const keySet = (keys: readonly string[]): Record<string, Record<never, never>> =>
  Object.fromEntries(keys.map((key) => [key, {}]));

const listOrNull = (list: readonly string[] | null): string[] | null => (list === null ? null : [...list]);

const filledOrNull = (list: readonly string[]): string[] | null => (list.length === 0 ? null : [...list]);

/** A container's configuration with the host members that old versions showed inside it. */
export const presentContainerConfig = ({ config, host }: Pick<Container, 'config' | 'host'>): Answer => ({
  ...presentConfig(config),
  Dns: filledOrNull(host.dns),
  VolumesFrom: host.volumesFrom.join(','),
  VolumeDriver: host.volumeDriver,
  Memory: whole(host.resources.memoryBytes),
  MemorySwap: whole(host.resources.memorySwapBytes),
  CpuShares: host.resources.cpuShares,
  Cpuset: host.resources.cpusetCpus,
  Privileged: host.privileged,
});

/** Every member any version of `Config` ever had (docker-shapes.md 3a). */
export const presentConfig = (config: ContainerConfig): Answer => ({
  Hostname: config.hostname,
  Domainname: config.domainname,
  User: config.user,
  AttachStdin: config.attachStdin,
  AttachStdout: config.attachStdout,
  AttachStderr: config.attachStderr,
  PortSpecs: null,
  ...(config.exposedPorts.length === 0 ? {} : { ExposedPorts: keySet(config.exposedPorts) }),
  Tty: config.tty,
  OpenStdin: config.openStdin,
  StdinOnce: config.stdinOnce,
  Env: [...config.env],
  Cmd: listOrNull(config.cmd),
  ...(config.healthcheck === undefined ? {} : { Healthcheck: presentHealthcheck(config.healthcheck) }),
  Dns: null,
  Image: config.image,
  Volumes: config.volumes.length === 0 ? null : keySet(config.volumes),
  VolumesFrom: '',
  VolumeDriver: '',
  WorkingDir: config.workingDir,
  Entrypoint: listOrNull(config.entrypoint),
  ...(config.networkDisabled ? { NetworkDisabled: true } : {}),
  ...(config.macAddress === '' ? {} : { MacAddress: config.macAddress }),
  OnBuild: filledOrNull(config.onBuild),
  Labels: { ...config.labels },
  ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
  ...(config.stopTimeoutSeconds === undefined ? {} : { StopTimeout: config.stopTimeoutSeconds }),
  ...(config.shell === undefined ? {} : { Shell: [...config.shell] }),
  Memory: 0,
  MemorySwap: 0,
  CpuShares: 0,
  Cpuset: '',
  Privileged: false,
});

const positive = (name: string, value: number): Record<string, number> =>
  value === 0 ? {} : { [name]: value };

/** Only what differs from the defaults. */
const presentHealthcheck = (check: Healthcheck): Static<typeof HealthcheckSchema> => ({
  ...(check.test.length === 0 ? {} : { Test: [...check.test] }),
  ...positive('Interval', check.intervalNs),
  ...positive('Timeout', check.timeoutNs),
  ...positive('StartPeriod', check.startPeriodNs),
  ...positive('StartInterval', check.startIntervalNs),
  ...positive('Retries', check.retries),
});
