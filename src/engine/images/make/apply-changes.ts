import { posix } from 'node:path';
import type { ImageConfig } from '#domain/image/image.ts';
import { parseChange, splitInstructions } from '#formats/dockerfile/change.ts';
import type { Change, Command } from '#formats/dockerfile/change.ts';

/** The run defaults of an image that says nothing. */
export const EMPTY_CONFIG: ImageConfig = {
  user: '',
  exposedPorts: [],
  env: [],
  entrypoint: null,
  cmd: null,
  volumes: [],
  workingDir: '',
  labels: {},
  onBuild: [],
};

const DEFAULT_SHELL = ['/bin/sh', '-c'];

/**
 * A configuration after Dockerfile instructions (`changes` of commit and import), one after the
 * other. As in a build, ENTRYPOINT takes an inherited CMD away. Errors: `dockerfile.*`.
 */
export const applyChanges = (config: ImageConfig, lines: readonly string[]): ImageConfig => {
  let isCommandOurs = false;
  let result = config;
  for (const instruction of splitInstructions(lines)) {
    const change = parseChange(instruction, (name) => variable(result, name));
    result = apply(result, change);
    if (change.kind === 'cmd') isCommandOurs = true;
    if (change.kind === 'entrypoint' && !isCommandOurs) result = { ...result, cmd: null };
  }
  return result;
};

const apply = (config: ImageConfig, change: Change): ImageConfig => {
  switch (change.kind) {
    case 'cmd':
    case 'entrypoint':
      return { ...config, [change.kind]: argumentsOf(config, change.command) };
    case 'env':
      return { ...config, env: change.pairs.reduce(setVariable, config.env) };
    case 'label':
      return { ...config, labels: { ...config.labels, ...Object.fromEntries(change.pairs) } };
    case 'expose':
      return { ...config, exposedPorts: union(config.exposedPorts, change.ports) };
    case 'volume':
      return { ...config, volumes: union(config.volumes, change.paths) };
    case 'healthcheck':
      return { ...config, healthcheck: change.healthcheck };
    case 'shell':
      return { ...config, shell: change.shell };
    default:
      return applyValue(config, change);
  }
};

const applyValue = (
  config: ImageConfig,
  { kind, value }: Extract<Change, { value: string }>,
): ImageConfig => {
  switch (kind) {
    case 'user':
      return { ...config, user: value };
    case 'workdir':
      return { ...config, workingDir: posix.resolve('/', config.workingDir, value) };
    case 'stop-signal':
      return { ...config, stopSignal: value };
    default:
      return { ...config, onBuild: [...config.onBuild, value] };
  }
};

const argumentsOf = (config: ImageConfig, command: Command): readonly string[] =>
  'exec' in command ? command.exec : [...(config.shell ?? DEFAULT_SHELL), command.shell];

const setVariable = (env: readonly string[], [name, value]: readonly [string, string]): readonly string[] => {
  const entry = `${name}=${value}`;
  const place = env.findIndex((other) => other.startsWith(`${name}=`));
  return place < 0 ? [...env, entry] : env.with(place, entry);
};

const variable = ({ env }: ImageConfig, name: string): string | undefined =>
  env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

const union = (one: readonly string[], two: readonly string[]): readonly string[] => [
  ...new Set([...one, ...two]),
];
