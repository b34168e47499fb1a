import { CommandError } from '#cli/exit-code.ts';

export type RunOptions = {
  readonly detach?: boolean;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly rm?: boolean;
  readonly name?: string;
  readonly env: readonly string[];
  readonly volume: readonly string[];
  readonly publish: readonly string[];
  readonly label: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly hostname?: string;
  readonly entrypoint?: string;
  readonly network?: string;
  readonly memory?: string;
  readonly cpus?: string;
  readonly pidsLimit?: string;
  readonly restart?: string;
  readonly readOnly?: boolean;
  readonly privileged?: boolean;
  readonly init?: boolean;
};

/** The flags of `run` as the body of a create request. Throws CommandError (125) on a flag it cannot read. */
export const buildCreateBody = (
  image: string,
  command: readonly string[],
  options: RunOptions,
): Record<string, unknown> => {
  const ports = options.publish.map(parsePublish);
  return {
    Image: image,
    Cmd: command.length === 0 ? null : command,
    Env: options.env.map(fillEnvironment),
    Labels: Object.fromEntries(options.label.map(splitPair)),
    User: options.user ?? '',
    WorkingDir: options.workdir ?? '',
    Hostname: options.hostname ?? '',
    ...(options.entrypoint === undefined ? {} : { Entrypoint: [options.entrypoint] }),
    Tty: options.tty === true,
    OpenStdin: options.interactive === true,
    StdinOnce: options.interactive === true && options.detach !== true,
    AttachStdin: options.interactive === true && options.detach !== true,
    AttachStdout: options.detach !== true,
    AttachStderr: options.detach !== true,
    ExposedPorts: Object.fromEntries(ports.map(({ port }) => [port, {}])),
    HostConfig: hostConfig(options, ports),
  };
};

type Published = { readonly port: string; readonly hostIp: string; readonly hostPort: string };

const hostConfig = (options: RunOptions, ports: readonly Published[]): Record<string, unknown> => ({
  Binds: options.volume,
  PortBindings: Object.fromEntries(
    ports.map(({ port }) => [
      port,
      ports
        .filter((other) => other.port === port)
        .map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: hostPort })),
    ]),
  ),
  NetworkMode: options.network ?? 'default',
  AutoRemove: options.rm === true,
  Memory: options.memory === undefined ? 0 : parseSize(options.memory),
  NanoCpus: options.cpus === undefined ? 0 : Math.round(Number(options.cpus) * 1e9),
  PidsLimit: options.pidsLimit === undefined ? null : Number(options.pidsLimit),
  RestartPolicy: parseRestart(options.restart ?? 'no'),
  ReadonlyRootfs: options.readOnly === true,
  Privileged: options.privileged === true,
  ...(options.init === true ? { Init: true } : {}),
});

/** `[[ip:]host:]container[/proto]`. */
const parsePublish = (spec: string): Published => {
  const match = /^(?:(?:(\[[^\]]+\]|[^:]*):)?(\d*(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/.exec(
    spec,
  );
  if (match?.[3] === undefined) throw new CommandError(`invalid port: ${spec}`, 125);
  return {
    port: `${match[3]}/${match[4] ?? 'tcp'}`,
    hostIp: (match[1] ?? '').replace(/^\[|\]$/g, ''),
    hostPort: match[2] ?? '',
  };
};

const splitPair = (pair: string): [string, string] => {
  const equals = pair.indexOf('=');
  return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
};

/** A bare name takes its value from our environment. */
const fillEnvironment = (pair: string): string =>
  pair.includes('=') ? pair : `${pair}=${process.env[pair] ?? ''}`;

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

const parseSize = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(text);
  const unit = UNITS[match?.[2]?.toLowerCase() ?? 'none'];
  if (match?.[1] === undefined || unit === undefined) throw new CommandError(`invalid size: ${text}`, 125);
  return Math.floor(Number(match[1]) * unit);
};

const parseRestart = (text: string): { Name: string; MaximumRetryCount: number } => {
  const [name = '', count = '0'] = text.split(':');
  return { Name: name, MaximumRetryCount: Number(count) };
};
