import { parseArgs } from 'node:util';

/** One setting: its flag, its key in the configuration file (dockerd's spelling), and its form. */
type Setting = {
  /** `pairs` = a list of key=value; in the file an object. */
  readonly type: 'string' | 'boolean' | 'list' | 'pairs';
  readonly file?: string;
  readonly short?: string;
  readonly help: string;
};

export const SETTINGS = {
  'data-root': { type: 'string', file: 'data-root', help: 'where images, containers and records live' },
  'exec-root': { type: 'string', file: 'exec-root', help: 'where the state of running things lives' },
  host: {
    type: 'list',
    file: 'hosts',
    short: 'H',
    help: 'Docker dialect: unix:///path, tcp://addr:port, fd://N',
  },
  'hyper-host': {
    type: 'list',
    file: 'hyper-hosts',
    help: 'hyperd dialect: the same forms, or none',
  },
  console: {
    type: 'string',
    file: 'console',
    help: 'ADDR:PORT of metrics and the console; off unless given',
  },
  bip: { type: 'string', file: 'bip', help: 'address and prefix of the default bridge, 172.17.0.1/16' },
  'hyper-bip': {
    type: 'string',
    file: 'hyper-bip',
    help: 'the same for a bridge of the pods’ own; without it they are on the default bridge',
  },
  'pod-isolation': {
    type: 'string',
    file: 'pod-isolation',
    help: 'of pods that do not say: namespace, or vm, which is refused until there is one',
  },
  mtu: { type: 'string', file: 'mtu', help: 'MTU of the bridge' },
  'insecure-registry': {
    type: 'list',
    file: 'insecure-registries',
    help: 'HOST[:PORT] or CIDR that may speak plain HTTP',
  },
  'registry-mirror': {
    type: 'list',
    file: 'registry-mirrors',
    help: 'URL of a mirror of the default registry',
  },
  tls: { type: 'boolean', file: 'tls', help: 'TLS on TCP, without client certificates' },
  tlsverify: { type: 'boolean', file: 'tlsverify', help: 'TLS on TCP, client certificates checked' },
  tlscacert: {
    type: 'string',
    file: 'tlscacert',
    help: 'certificates that client certificates must come from',
  },
  tlscert: { type: 'string', file: 'tlscert', help: 'certificate of the daemon' },
  tlskey: { type: 'string', file: 'tlskey', help: 'key of the daemon' },
  'insecure-tcp': { type: 'boolean', file: 'insecure-tcp', help: 'allow TCP without TLS beyond loopback' },
  'api-cors-header': {
    type: 'string',
    file: 'api-cors-header',
    help: 'Access-Control-Allow-Origin of every answer',
  },
  'api-allow': {
    type: 'list',
    file: 'api-allow',
    help: 'NAME of this daemon, or ORIGIN of pages, that browsers may use over TCP without TLS',
  },
  'log-level': { type: 'string', file: 'log-level', short: 'l', help: 'trace, debug, info, warn, error' },
  debug: { type: 'boolean', file: 'debug', short: 'D', help: 'the same as --log-level debug' },
  pidfile: { type: 'string', file: 'pidfile', help: 'where to write the process id' },
  'config-file': { type: 'string', help: 'JSON with the same settings' },
  runtime: { type: 'string', file: 'runtime', help: 'path of the OCI runtime, crun or runc' },
  label: { type: 'list', file: 'labels', help: 'key=value shown by info' },
  init: { type: 'boolean', file: 'init', help: 'an init process in every container that does not say' },
  'log-driver': {
    type: 'string',
    file: 'log-driver',
    help: 'default log driver: json-file, local, syslog, journald, none',
  },
  'log-opt': { type: 'pairs', file: 'log-opts', help: 'key=value for the default log driver' },
  'stop-containers-on-exit': {
    type: 'boolean',
    file: 'stop-containers-on-exit',
    help: 'stop containers when the daemon stops',
  },
  help: { type: 'boolean', short: 'h', help: 'this text' },
  version: { type: 'boolean', short: 'v', help: 'print the version' },
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export type RawOptions = Partial<Record<SettingName, string | boolean | readonly string[]>>;

/** A flag or a configuration file that cannot be understood; the message is for the user. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

export const parseFlags = (args: readonly string[]): RawOptions => {
  const options = Object.fromEntries(
    Object.entries<Setting>(SETTINGS).map(([name, { type, short }]) => [
      name,
      {
        type: type === 'boolean' ? ('boolean' as const) : ('string' as const),
        multiple: type === 'list' || type === 'pairs',
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
      allowNegative: true,
    });
    return values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
};

/** Settings of a configuration file; unknown keys are refused, as a typo must not pass silently. */
export const parseConfigFile = (text: string, name: string): RawOptions => {
  const parsed = parseJsonObject(text, name);
  const byKey = new Map(
    Object.entries<Setting>(SETTINGS).flatMap(([setting, { file, type }]) =>
      file === undefined ? [] : [[file, { setting, type }] as const],
    ),
  );
  const entries = Object.entries(parsed).map(([key, value]) => {
    const known = byKey.get(key);
    if (known === undefined)
      throw new OptionError(`${name}: the following directives don't match any configuration option: ${key}`);
    if (!isOfType(value, known.type)) throw new OptionError(`${name}: ${key} must be a ${known.type}`);
    return [known.setting, fromFile(value)];
  });
  return Object.fromEntries(entries) as RawOptions;
};

const parseJsonObject = (text: string, name: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new OptionError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new OptionError(`${name}: must hold a JSON object`);
};

/** As the flags have it. */
const fromFile = (value: unknown): unknown => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).map(([key, text]) => `${key}=${text}`);
  return typeof value === 'number' ? String(value) : value;
};

const isOfType = (value: unknown, type: Setting['type']): boolean => {
  if (type === 'list') return Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (type === 'pairs')
    return (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((item) => typeof item === 'string')
    );
  return type === 'boolean'
    ? typeof value === 'boolean'
    : typeof value === 'string' || typeof value === 'number';
};

export const usage = (): string => {
  const lines = Object.entries<Setting>(SETTINGS).map(([name, { type, short, help }]) => {
    const flag = `${short === undefined ? '   ' : `-${short},`} --${name}${type === 'boolean' ? '' : ' VALUE'}`;
    return `  ${flag.padEnd(34)} ${help}`;
  });
  return ['Usage: gantry daemon [OPTIONS]', '', ...lines, ''].join('\n');
};
