import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LOG_DRIVERS, resolveLogConfig } from '#domain/container/log/config.ts';
import { overlaps, parseCidr } from '#domain/network/cidr.ts';
import { OptionError, parseConfigFile, parseFlags } from './options.ts';
import type { RawOptions, SettingName } from './options.ts';

/** The daemon's configuration after flags, file and defaults are merged. */
export type Config = {
  readonly dataRoot: string;
  readonly execRoot: string;
  /** Marks everything of this daemon on the machine: the first digits of the data root's hash. */
  readonly tag: string;
  readonly hosts: readonly string[];
  readonly hyperHosts: readonly string[];
  /** Nobody asked for them: a daemon whose neighbour has taken them goes without. */
  readonly hyperHostsAreUsual: boolean;
  readonly console: string;
  readonly bridge: BridgeConfig;
  /** Of pods; `cidr` '' = they are on the default bridge, and this one is not made. */
  readonly podBridge: BridgeConfig;
  /** Of pods that do not say. */
  readonly podIsolation: (typeof ISOLATIONS)[number];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly tls: TlsConfig | undefined;
  readonly insecureTcp: boolean;
  readonly corsHeader: string;
  /** Names and origins beside those of `corsHeader`. */
  readonly apiAllow: readonly string[];
  readonly logLevel: LogLevelName;
  readonly debug: boolean;
  readonly pidfile: string;
  readonly runtimePath: string;
  readonly labels: readonly string[];
  readonly init: boolean;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly stopContainersOnExit: boolean;
};

export type BridgeConfig = {
  readonly name: string;
  /** Gateway address with prefix length. */
  readonly cidr: string;
  readonly mtu: number;
};

export type TlsConfig = {
  readonly verifyClients: boolean;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevelName = (typeof LOG_LEVELS)[number];

const ISOLATIONS = ['namespace', 'vm'] as const;

const DEFAULT_CONFIG_FILE = '/etc/gantry/daemon.json';

/** Reads flags and the configuration file; flags win. Throws OptionError. */
export const loadConfig = async (args: readonly string[]): Promise<Config> => {
  const flags = parseFlags(args);
  const file = textOf(flags, 'config-file');
  return buildConfig({ ...(await readConfigFile(file)), ...flags });
};

const readConfigFile = async (given: string): Promise<RawOptions> => {
  const name = given === '' ? DEFAULT_CONFIG_FILE : given;
  try {
    return parseConfigFile(await readFile(name, 'utf8'), name);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && given === '') return {};
    if (isMissing) throw new OptionError(`cannot read the configuration file ${name}`);
    throw error;
  }
};

/** Merged raw options to a checked configuration. Pure. */
export const buildConfig = (raw: RawOptions): Config => {
  const dataRoot = path.resolve(textOf(raw, 'data-root', '/var/lib/gantry'));
  const tag = createHash('sha256').update(dataRoot).digest('hex').slice(0, 8);
  return {
    dataRoot,
    execRoot: path.resolve(textOf(raw, 'exec-root', '/run/gantry')),
    tag,
    hosts: listOf(raw, 'host', ['unix:///var/run/docker.sock']),
    hyperHosts: listOf(raw, 'hyper-host', ['unix:///var/run/hyper.sock']).filter(isAddress),
    hyperHostsAreUsual: raw['hyper-host'] === undefined,
    console: textOf(raw, 'console'),
    ...bridgesOf(raw, tag),
    podIsolation: oneOf(ISOLATIONS, textOf(raw, 'pod-isolation', 'namespace'), 'pod-isolation'),
    insecureRegistries: listOf(raw, 'insecure-registry'),
    registryMirrors: listOf(raw, 'registry-mirror'),
    tls: tlsOf(raw),
    insecureTcp: isSet(raw, 'insecure-tcp'),
    corsHeader: textOf(raw, 'api-cors-header'),
    apiAllow: listOf(raw, 'api-allow'),
    logLevel: logLevelOf(raw),
    debug: isSet(raw, 'debug'),
    pidfile: textOf(raw, 'pidfile'),
    runtimePath: textOf(raw, 'runtime'),
    labels: listOf(raw, 'label'),
    init: isSet(raw, 'init'),
    ...logOf(raw),
    stopContainersOnExit: isSet(raw, 'stop-containers-on-exit'),
  };
};

const ADDRESS = /^\d+\.\d+\.\d+\.\d+\/\d+$/;

const bridgesOf = (raw: RawOptions, tag: string): Pick<Config, 'bridge' | 'podBridge'> => {
  const mtu = Number(checked(textOf(raw, 'mtu', '1500'), /^\d{2,5}$/, 'mtu'));
  const cidr = checked(textOf(raw, 'bip', '172.17.0.1/16'), ADDRESS, 'bip');
  const given = textOf(raw, 'hyper-bip');
  const podCidr = given === '' ? '' : checked(given, ADDRESS, 'hyper-bip');
  const [one, other] = [parseCidr(cidr), parseCidr(podCidr)];
  if (podCidr !== '' && other === undefined) throw unusable(podCidr, 'hyper-bip');
  if (one !== undefined && other !== undefined && overlaps(one, other))
    throw new OptionError(`--hyper-bip ${podCidr} overlaps --bip ${cidr}`);
  return {
    bridge: { name: `gtr${tag.slice(0, 6)}`, cidr, mtu },
    podBridge: { name: `gtp${tag.slice(0, 6)}`, cidr: podCidr, mtu },
  };
};

const textOf = (raw: RawOptions, name: SettingName, otherwise = ''): string => {
  const value = raw[name];
  return typeof value === 'string' ? value : otherwise;
};

const listOf = (raw: RawOptions, name: SettingName, otherwise: readonly string[] = []): readonly string[] => {
  const value = raw[name];
  return Array.isArray(value) ? value.map(String) : otherwise;
};

/** A door that is to stay shut. */
const isAddress = (host: string): boolean => host !== '' && host !== 'none';

const isSet = (raw: RawOptions, name: SettingName): boolean => raw[name] === true;

const checked = (value: string, pattern: RegExp, name: SettingName): string => {
  if (pattern.test(value)) return value;
  throw unusable(value, name);
};

const unusable = (value: string, name: SettingName): OptionError =>
  new OptionError(`invalid value "${value}" for --${name}`);

const logLevelOf = (raw: RawOptions): LogLevelName => {
  const given = textOf(raw, 'log-level', isSet(raw, 'debug') ? 'debug' : 'info');
  return oneOf(LOG_LEVELS, given, 'log-level');
};

const oneOf = <Word extends string>(words: readonly Word[], given: string, name: SettingName): Word => {
  const found = words.find((word) => word === given);
  if (found === undefined)
    throw new OptionError(`invalid value "${given}" for --${name}: one of ${words.join(', ')}`);
  return found;
};

const logOf = (raw: RawOptions): Pick<Config, 'logDriver' | 'logOptions'> => {
  const logDriver = oneOf(LOG_DRIVERS, textOf(raw, 'log-driver', 'json-file'), 'log-driver');
  const logOptions = Object.fromEntries(
    listOf(raw, 'log-opt').map((pair): [string, string] => {
      const [key = ''] = pair.split('=', 1);
      if (key === '' || key === pair)
        throw new OptionError(`invalid value "${pair}" for --log-opt: key=value`);
      return [key, pair.slice(key.length + 1)];
    }),
  );
  const config = { type: logDriver, config: logOptions };
  try {
    resolveLogConfig(config, config);
  } catch (error) {
    throw new OptionError(`--log-opt: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { logDriver, logOptions };
};

const tlsOf = (raw: RawOptions): TlsConfig | undefined => {
  if (!isSet(raw, 'tls') && !isSet(raw, 'tlsverify')) return undefined;
  const tls = {
    verifyClients: isSet(raw, 'tlsverify'),
    ca: textOf(raw, 'tlscacert'),
    cert: textOf(raw, 'tlscert'),
    key: textOf(raw, 'tlskey'),
  };
  if (tls.cert === '' || tls.key === '') throw new OptionError('TLS needs --tlscert and --tlskey');
  if (tls.verifyClients && tls.ca === '') throw new OptionError('--tlsverify needs --tlscacert');
  return tls;
};
