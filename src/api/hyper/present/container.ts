import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { PodContainerSpec } from '#domain/pod/spec.ts';
import { NEVER } from '#domain/value/instant.ts';
import type { ContainerInfo, ContainerStatus, PodContainer } from '#api/hyper/schema/container.ts';
import { presentSeconds, presentTime } from './time.ts';
import { filled, withoutZeros } from './zero.ts';

/** What `GET /container/info` says. */
export const presentContainerInfo = (container: Container, pod: Pod): Static<typeof ContainerInfo> => ({
  ...withoutZeros({ createdAt: presentSeconds(container.createdAt), podID: pod.id }),
  container: presentContainer(container, pod),
  status: presentContainerStatus(container),
});

/** The container as configured: in `container` of its info and in `spec.containers` of its pod's. */
export const presentContainer = (container: Container, pod: Pod): Static<typeof PodContainer> => {
  const { config } = container;
  const spec = pod.containers.find(({ id }) => id === container.id)?.spec;
  return withoutZeros({
    name: `/${container.name}`,
    containerID: container.id,
    image: config.image,
    imageID: container.imageId,
    workingDir: config.workingDir || '/',
    tty: config.tty,
    commands: [...(spec?.command ?? [])],
    args: [...container.args],
    env: config.env.map(presentVariable),
    volumeMounts: presentMounts(container, spec),
    labels: filled(spec?.labels ?? {}),
  });
};

const presentVariable = (variable: string): { env?: string; value?: string } => {
  const [env = ''] = variable.split('=', 1);
  return withoutZeros({ env, value: variable.slice(env.length + 1) });
};

type Mount = { name?: string; mountPath?: string; readOnly?: boolean };

const HOSTS = '/etc/hosts';

/** Its own volumes, those its image declares, and the pod's hosts file. */
const presentMounts = ({ id, config }: Container, spec: PodContainerSpec | undefined): Mount[] => {
  const own = (spec?.volumes ?? []).map(({ volume, path, readOnly, detail }) =>
    withoutZeros({ name: volume || (detail?.name ?? ''), mountPath: path, readOnly }),
  );
  const taken = new Set([
    ...own.map(({ mountPath }) => mountPath),
    ...(spec?.files ?? []).map(({ path, file }) => (path.endsWith('/') ? `${path}${file}` : path)),
  ]);
  const ofImage = config.volumes
    .filter((path) => !taken.has(path))
    .map((path) => ({ name: `${id}${path.replaceAll('/', '_')}`, mountPath: path }));
  const hosts = taken.has(HOSTS) ? [] : [{ name: 'etchosts-volume', mountPath: HOSTS }];
  return [...own, ...ofImage, ...hosts];
};

export type Phase = 'pending' | 'running' | 'succeeded' | 'failed';

/** The word in infos; in lists a run that was stopped counts by its code alone (hyperd-api 4.1). */
export const phaseOf = ({ state }: Container): Phase => {
  if (isLive(state.status)) return 'running';
  if (state.finishedAt === NEVER || state.startedAt === NEVER) return 'pending';
  return exitCodeOf(state) === 0 ? 'succeeded' : 'failed';
};

/** 128 + SIGKILL. */
const KILLED = 137;

/** A run that was stopped or killed counts as ended with 137; infos have what its process made of it. */
export const exitCodeOf = ({ stopRequested, exitCode }: Container['state']): number =>
  stopRequested ? KILLED : exitCode;

export const presentContainerStatus = (container: Container): Static<typeof ContainerStatus> => {
  const { state } = container;
  const phase = phaseOf(container);
  const startedAt = presentTime(state.startedAt);
  const hasEnded = phase === 'succeeded' || phase === 'failed';
  return {
    ...withoutZeros({ name: container.name, containerID: container.id, phase }),
    waiting: phase === 'pending' ? { reason: 'Pending' } : {},
    running: phase === 'running' ? { startedAt } : {},
    terminated: hasEnded
      ? withoutZeros({
          exitCode: state.exitCode,
          reason: phase === 'succeeded' ? 'Succeeded' : 'Failed',
          message: state.error,
          startedAt,
          finishedAt: presentTime(state.finishedAt),
        })
      : {},
  };
};
