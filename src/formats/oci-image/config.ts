import { checkDigest } from './digest.ts';
import {
  asObject,
  optionalList,
  optionalObject,
  optionalTexts,
  parseJsonObject,
  readBoolean,
  readCount,
  readSet,
  readText,
  readTextMap,
  readTexts,
} from './json.ts';
import type { JsonObject } from './json.ts';
import { malformedImage } from './malformed.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

/** The configuration of an image (OCI image spec "config.md"; Docker's has the same shape and more). */
export type ParsedImageConfig = {
  /** Milliseconds since 1970; 0 = not said. */
  readonly createdAt: number;
  /** In its own words, where `createdAt` says less. */
  readonly created?: string;
  readonly author: string;
  readonly comment: string;
  readonly architecture: string;
  readonly variant: string;
  readonly os: string;
  readonly osVersion: string;
  readonly dockerVersion: string;
  /** Id of the container committed. */
  readonly container: string;
  /** How that one was made (`container_config`). */
  readonly containerConfig?: ContainerRunConfig;
  readonly run: RunConfig;
  readonly diffIds: readonly string[];
  readonly history: readonly ParsedHistory[];
};

/** The `config` member: how to run it. */
export type RunConfig = {
  readonly user: string;
  readonly exposedPorts: readonly string[];
  readonly env: readonly string[];
  readonly entrypoint: readonly string[] | null;
  readonly cmd: readonly string[] | null;
  readonly volumes: readonly string[];
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly healthcheck?: ParsedHealthcheck;
  readonly onBuild: readonly string[];
  readonly shell?: readonly string[];
};

/** The `container_config` member: what Docker says of a container besides. */
export type ContainerRunConfig = RunConfig & {
  readonly hostname: string;
  readonly domainname: string;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly image: string;
};

/** Durations in nanoseconds. */
export type ParsedHealthcheck = {
  readonly test: readonly string[];
  readonly intervalNs: number;
  readonly timeoutNs: number;
  readonly startPeriodNs: number;
  readonly startIntervalNs: number;
  readonly retries: number;
};

export type ParsedHistory = {
  readonly createdAt: number;
  readonly createdBy: string;
  readonly author: string;
  readonly comment: string;
  readonly emptyLayer: boolean;
};

const MAX_LAYERS = 1000;

/** Reads the bytes of a configuration. Errors: `image.malformed`. */
export const parseImageConfig = (bytes: Uint8Array): ParsedImageConfig => {
  const top = parseJsonObject(bytes, 'image config');
  return {
    createdAt: parseTimestamp(readText(top, 'created'), 'image config.created'),
    ...finerTime(readText(top, 'created')),
    author: readText(top, 'author'),
    comment: readText(top, 'comment'),
    architecture: readText(top, 'architecture'),
    variant: readText(top, 'variant'),
    os: readText(top, 'os'),
    osVersion: readText(top, 'os.version'),
    dockerVersion: readText(top, 'docker_version'),
    container: readText(top, 'container'),
    ...readContainerConfig(top),
    run: readRunConfig(optionalObject(top, 'config')),
    diffIds: readDiffIds(top),
    history: (optionalList(top, 'history') ?? []).map((entry, index) =>
      readHistory(asObject(entry, `image config.history[${index}]`)),
    ),
  };
};

/** The text of a time that says more than an instant of ours holds: its nanoseconds, its zone. */
const finerTime = (text: string): { readonly created?: string } => {
  const trimmed = text.replace(/(\.\d*?)0+(?=Z|[+-])/, '$1').replace(/\.(?=Z|[+-])/, '');
  const isSame = text === '' || formatTimestamp(parseTimestamp(text, '')) === trimmed;
  return isSame ? {} : { created: trimmed };
};

/** Nothing where there is none, or an empty one, as Docker writes for images that no container was committed to. */
export const readContainerConfig = (top: JsonObject): { readonly containerConfig?: ContainerRunConfig } => {
  const from = optionalObject(top, 'container_config');
  if (from === undefined) return {};
  const containerConfig = {
    ...readRunConfig(from),
    hostname: readText(from, 'Hostname'),
    domainname: readText(from, 'Domainname'),
    attachStdin: readBoolean(from, 'AttachStdin'),
    attachStdout: readBoolean(from, 'AttachStdout'),
    attachStderr: readBoolean(from, 'AttachStderr'),
    tty: readBoolean(from, 'Tty'),
    openStdin: readBoolean(from, 'OpenStdin'),
    stdinOnce: readBoolean(from, 'StdinOnce'),
    image: readText(from, 'Image'),
  };
  const { hostname, image, cmd, entrypoint, env } = containerConfig;
  const isEmpty = hostname === '' && image === '' && cmd === null && entrypoint === null && env.length === 0;
  return isEmpty ? {} : { containerConfig };
};

/** Reads a `config` member (also of the configurations of version 1 images). */
export const readRunConfig = (from: JsonObject | undefined): RunConfig => {
  const config = from ?? { members: {}, at: 'config' };
  const stopSignal = readText(config, 'StopSignal');
  const healthcheck = optionalObject(config, 'Healthcheck');
  const shell = optionalTexts(config, 'Shell');
  return {
    user: readText(config, 'User'),
    exposedPorts: readSet(config, 'ExposedPorts'),
    env: readTexts(config, 'Env'),
    entrypoint: optionalTexts(config, 'Entrypoint') ?? null,
    cmd: optionalTexts(config, 'Cmd') ?? null,
    volumes: readSet(config, 'Volumes'),
    workingDir: readText(config, 'WorkingDir'),
    labels: readTextMap(config, 'Labels'),
    ...(stopSignal === '' ? {} : { stopSignal }),
    ...(healthcheck === undefined ? {} : { healthcheck: readHealthcheck(healthcheck) }),
    onBuild: readTexts(config, 'OnBuild'),
    ...(shell === undefined ? {} : { shell }),
  };
};

const readHealthcheck = (from: JsonObject): ParsedHealthcheck => ({
  test: readTexts(from, 'Test'),
  intervalNs: readCount(from, 'Interval'),
  timeoutNs: readCount(from, 'Timeout'),
  startPeriodNs: readCount(from, 'StartPeriod'),
  startIntervalNs: readCount(from, 'StartInterval'),
  retries: readCount(from, 'Retries'),
});

const readHistory = (from: JsonObject): ParsedHistory => ({
  createdAt: parseTimestamp(readText(from, 'created'), `${from.at}.created`),
  createdBy: readText(from, 'created_by'),
  author: readText(from, 'author'),
  comment: readText(from, 'comment'),
  emptyLayer: readBoolean(from, 'empty_layer'),
});

const readDiffIds = (top: JsonObject): readonly string[] => {
  const rootfs = optionalObject(top, 'rootfs');
  if (rootfs === undefined) throw malformedImage('image config has no rootfs');
  const type = readText(rootfs, 'type');
  if (type !== 'layers') throw malformedImage(`image config.rootfs.type is "${type}"`);
  const diffIds = readTexts(rootfs, 'diff_ids');
  if (diffIds.length > MAX_LAYERS) throw malformedImage('image config has too many layers');
  return diffIds.map((id, index) => checkDigest(id, `image config.rootfs.diff_ids[${index}]`));
};
