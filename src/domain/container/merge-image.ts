import type { ImageConfig } from '#domain/image/image.ts';
import type { ContainerConfig, Healthcheck } from './config.ts';

/** The client's configuration with the image's defaults filled in; the client wins (docker-semantics.md 2.4). */
export const mergeImageConfig = (own: ContainerConfig, image: ImageConfig): ContainerConfig => {
  const stopSignal = own.stopSignal ?? image.stopSignal;
  const healthcheck = mergeHealthcheck(own.healthcheck, image.healthcheck);
  const shell = own.shell ?? image.shell;
  return {
    ...own,
    ...mergeCommand(own, image),
    user: own.user === '' ? image.user : own.user,
    exposedPorts: union(own.exposedPorts, image.exposedPorts),
    env: mergeEnv(own.env, image.env),
    labels: { ...image.labels, ...own.labels },
    workingDir: own.workingDir === '' ? image.workingDir : own.workingDir,
    volumes: union(own.volumes, image.volumes),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    ...(shell === undefined ? {} : { shell }),
  };
};

/**
 * An own entrypoint discards the image's command; an explicit empty one still inherits it. One empty word, as
 * `--entrypoint ""` sends it, discards both entrypoint and command of the image.
 */
const mergeCommand = (
  own: ContainerConfig,
  image: ImageConfig,
): Pick<ContainerConfig, 'cmd' | 'entrypoint'> => {
  if (isGiven(own.entrypoint))
    return { cmd: own.cmd, entrypoint: isOneEmptyWord(own.entrypoint) ? null : own.entrypoint };
  return {
    cmd: isGiven(own.cmd) ? own.cmd : image.cmd,
    entrypoint: own.entrypoint ?? image.entrypoint,
  };
};

const isOneEmptyWord = (words: readonly string[] | null): boolean => words?.length === 1 && words[0] === '';

const isGiven = (words: readonly string[] | null): boolean => words !== null && words.length > 0;

const union = (first: readonly string[], second: readonly string[]): string[] => [
  ...new Set([...first, ...second]),
];

const mergeEnv = (own: readonly string[], image: readonly string[]): string[] => {
  const keys = new Set(own.map(keyOf));
  return [...own, ...image.filter((entry) => !keys.has(keyOf(entry)))];
};

const keyOf = (entry: string): string => entry.split('=', 1)[0] ?? '';

const mergeHealthcheck = (
  own: Healthcheck | undefined,
  image: Healthcheck | undefined,
): Healthcheck | undefined => {
  if (own === undefined || image === undefined) return own ?? image;
  return {
    test: own.test.length > 0 ? own.test : image.test,
    intervalNs: own.intervalNs || image.intervalNs,
    timeoutNs: own.timeoutNs || image.timeoutNs,
    startPeriodNs: own.startPeriodNs || image.startPeriodNs,
    startIntervalNs: own.startIntervalNs || image.startIntervalNs,
    retries: own.retries || image.retries,
  };
};

/** Executable and arguments; undefined when there is no command. An empty word is one, which no start will find. */
export const commandOf = (
  config: Pick<ContainerConfig, 'entrypoint' | 'cmd'>,
): { path: string; args: string[] } | undefined => {
  const [path, ...args] = [...(config.entrypoint ?? []), ...(config.cmd ?? [])];
  return path === undefined ? undefined : { path, args };
};
