import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { ContainerState } from '#domain/container/config.ts';
import type { Health } from '#domain/container/health.ts';
import type { ContainerAnswer, HealthAnswer, StateAnswer } from '#api/docker/schema/container.ts';
import { presentContainerConfig } from './config.ts';
import { presentHostConfig } from './host-config.ts';
import { presentMounts, presentOldVolumes } from './mounts.ts';
import { presentNetworkSettings } from './networks.ts';
import { presentTime } from './time.ts';
import { startFailureText } from '#api/docker/wording/start-failure.ts';

export type InspectInput = {
  readonly container: Container;
  readonly root: { readonly driver: string; readonly data: Readonly<Record<string, string>> };
  readonly execIds: readonly string[];
  /** `/child:/parent/alias`. */
  readonly links: readonly string[];
  readonly size?: { readonly writableBytes: number; readonly rootBytes: number };
};

/** Everything any version of container inspect ever said (docker-shapes.md 4, docker-modern.md 3.1). */
export const presentContainer = ({
  container,
  root,
  execIds,
  links,
  size,
}: InspectInput): Static<typeof ContainerAnswer> => ({
  Id: container.id,
  ID: container.id,
  Created: presentTime(container.createdAt),
  Path: container.path,
  Args: [...container.args],
  State: presentState(container.state),
  Image: container.imageId,
  ResolvConfPath: container.files.resolvConf,
  HostnamePath: container.files.hostname,
  HostsPath: container.files.hosts,
  LogPath: container.files.log,
  Name: `/${container.name}`,
  // The restart that is waited for counts.
  RestartCount: container.restartCount + (container.state.status === 'restarting' ? 1 : 0),
  Driver: root.driver,
  ExecDriver: 'native-0.2',
  Platform: container.platform.split('/')[0] ?? 'linux',
  MountLabel: '',
  ProcessLabel: '',
  AppArmorProfile: '',
  ExecIDs: execIds.length === 0 ? null : [...execIds],
  HostConfig: presentHostConfig({ ...container.host, links: [...container.host.links, ...links] }),
  GraphDriver: { Name: root.driver, Data: { ...root.data } },
  ...(size === undefined ? {} : { SizeRw: size.writableBytes, SizeRootFs: size.rootBytes }),
  Mounts: presentMounts(container.mounts),
  ...presentOldVolumes(container.mounts),
  Config: presentContainerConfig(container),
  NetworkSettings: presentNetworkSettings(
    container,
    `/var/run/docker/netns/${container.sandboxId.slice(0, 12)}`,
  ),
  SysInitPath: '/sbin/init',
});

const WIRE_STATUS: Readonly<Record<ContainerState['status'], string>> = {
  creating: 'created',
  created: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'removing',
  exited: 'exited',
  dead: 'dead',
};

export const presentStatus = (state: ContainerState): string => WIRE_STATUS[state.status];

/** Paused and restarting containers count as running on the wire. */
const isRunning = ({ status }: ContainerState): boolean =>
  status === 'running' || status === 'paused' || status === 'restarting';

const presentState = (state: ContainerState): Static<typeof StateAnswer> => ({
  Status: presentStatus(state),
  Running: isRunning(state),
  Paused: state.status === 'paused',
  Restarting: state.status === 'restarting',
  OOMKilled: state.oomKilled,
  Dead: state.status === 'dead',
  Pid: state.pid,
  ExitCode: state.exitCode,
  Error: startFailureText(state),
  StartedAt: presentTime(state.startedAt),
  FinishedAt: presentTime(state.finishedAt),
  Ghost: false,
  ...(state.health === undefined ? {} : { Health: presentHealth(state.health) }),
});

const presentHealth = ({ status, failingStreak, log }: Health): Static<typeof HealthAnswer> => ({
  Status: status,
  FailingStreak: failingStreak,
  Log: log.map(({ start, end, exitCode, output }) => ({
    Start: presentTime(start),
    End: presentTime(end),
    ExitCode: exitCode,
    Output: output,
  })),
});
