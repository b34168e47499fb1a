import type {
  ContainerRunConfig,
  ParsedHealthcheck,
  ParsedHistory,
  ParsedImageConfig,
  RunConfig,
} from './config.ts';
import { formatTimestamp } from './timestamp.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * Writes a configuration; its digest is the image's id. Members come out in alphabetical order, so
 * equal images have equal ids. `base` is the parsed JSON of a configuration to build upon: members
 * of it that we do not know are kept, at the top and in `config`.
 */
export const buildImageConfig = (config: ParsedImageConfig, base: Members = {}): Uint8Array => {
  const baseRun = base['config'];
  const document = {
    ...base,
    ...present({
      architecture: config.architecture,
      author: config.author,
      comment: config.comment,
      container: config.container,
      docker_version: config.dockerVersion,
      'os.version': config.osVersion,
      variant: config.variant,
    }),
    config: presentRunConfig(config.run, isMembers(baseRun) ? baseRun : {}),
    ...(config.containerConfig === undefined
      ? {}
      : { container_config: presentContainerConfig(config.containerConfig) }),
    created: formatTimestamp(config.createdAt),
    history: config.history.map(presentHistory),
    os: config.os,
    rootfs: { type: 'layers', diff_ids: config.diffIds },
  };
  return new TextEncoder().encode(JSON.stringify(sorted(document)));
};

/** The `config` member on the wire: every known member, Go's nulls where nothing was said. */
const presentRunConfig = (run: RunConfig, base: Members): Members =>
  sorted({
    ...base,
    User: run.user,
    ...(run.exposedPorts.length === 0 ? {} : { ExposedPorts: presentSet(run.exposedPorts) }),
    Env: run.env.length === 0 ? null : run.env,
    Entrypoint: run.entrypoint,
    Cmd: run.cmd,
    Volumes: run.volumes.length === 0 ? null : presentSet(run.volumes),
    WorkingDir: run.workingDir,
    Labels: Object.keys(run.labels).length === 0 ? null : sorted(run.labels),
    OnBuild: run.onBuild.length === 0 ? null : run.onBuild,
    StopSignal: run.stopSignal,
    Healthcheck: run.healthcheck === undefined ? undefined : presentHealthcheck(run.healthcheck),
    Shell: run.shell,
  });

const presentContainerConfig = (config: ContainerRunConfig): Members =>
  presentRunConfig(config, {
    Hostname: config.hostname,
    Domainname: config.domainname,
    AttachStdin: config.attachStdin,
    AttachStdout: config.attachStdout,
    AttachStderr: config.attachStderr,
    Tty: config.tty,
    OpenStdin: config.openStdin,
    StdinOnce: config.stdinOnce,
    Image: config.image,
  });

const presentHealthcheck = (check: ParsedHealthcheck): Members => ({
  ...(check.test.length === 0 ? {} : { Test: check.test }),
  ...present({
    Interval: check.intervalNs,
    Timeout: check.timeoutNs,
    StartPeriod: check.startPeriodNs,
    StartInterval: check.startIntervalNs,
    Retries: check.retries,
  }),
});

const presentHistory = (entry: ParsedHistory): Members => ({
  created: formatTimestamp(entry.createdAt),
  ...present({
    created_by: entry.createdBy,
    author: entry.author,
    comment: entry.comment,
    empty_layer: entry.emptyLayer,
  }),
});

const presentSet = (names: readonly string[]): Members =>
  Object.fromEntries(names.toSorted().map((name) => [name, {}]));

/** Without the members that say nothing; they also replace what a base said: hence undefined. */
const present = (members: Readonly<Record<string, string | number | boolean>>): Members =>
  Object.fromEntries(
    Object.entries(members).map(([key, value]) => [
      key,
      value === '' || value === 0 || value === false ? undefined : value,
    ]),
  );

const sorted = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).toSorted(([one], [two]) => (one < two ? -1 : 1)));

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
