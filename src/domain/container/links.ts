import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { Habits } from './habits.ts';
import { parsePort } from './ports.ts';

/** Another container of the default network, known to this one by an alias (docker-semantics.md 7). */
export type ContainerLink = { readonly alias: string; readonly childId: ContainerId };

/** `name:alias` or `name`; also the form of inspect, `/name:/parent/alias`. Throws `link.format`. */
export const parseLink = (text: string): { ref: string; alias: string } => {
  const [ref = '', alias = ref, ...rest] = text.split(':');
  if (text === '' || ref === '' || alias === '' || rest.length > 0)
    throw engineError('link.format', { text });
  return { ref, alias: alias.split('/').at(-1) || ref };
};

export type LinkedChild = {
  readonly alias: string;
  /** `/parent/alias`. */
  readonly path: string;
  readonly address: string;
  readonly name: string;
  readonly hostname: string;
  /** Keys such as `80/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly env: readonly string[];
};

/** The parent's line for the child: its alias, host name and, where it differs, its name. */
export const linkHostsLine = (
  { address, alias, hostname, name }: LinkedChild,
  { bareLinks = false }: Habits = {},
): string => {
  const others = bareLinks ? [] : [hostname, ...(name === alias ? [] : [name])];
  return `${address}\t${[alias, ...others].join(' ')}\n`;
};

/** The lines of a hosts file, the one of `alias` with another address; `undefined` takes it away. */
export const withLinkAddress = (hosts: string, alias: string, address: string | undefined): string =>
  hosts
    .split(/(?<=\n)/u)
    .flatMap((line) => {
      const [, names = ''] = line.split('\t');
      if (names.trimEnd().split(' ')[0] !== alias) return [line];
      return address === undefined ? [] : [`${address}\t${names}`];
    })
    .join('');

type Port = { readonly port: number; readonly protocol: string };

/** What the parent's process finds in its environment about the child. */
export const linkEnvironment = (child: LinkedChild): string[] => {
  const prefix = child.alias.toUpperCase().replaceAll('-', '_');
  const ports = child.exposedPorts.map(parsePort).toSorted(byPort);
  const url = ({ port, protocol }: Port): string => `${protocol}://${child.address}:${port}`;
  const [first] = ports;
  return [
    ...(first === undefined ? [] : [`${prefix}_PORT=${url(first)}`]),
    ...ports.flatMap((each) => {
      const own = `${prefix}_PORT_${each.port}_${each.protocol.toUpperCase()}`;
      return [
        `${own}=${url(each)}`,
        `${own}_ADDR=${child.address}`,
        `${own}_PORT=${each.port}`,
        `${own}_PROTO=${each.protocol}`,
      ];
    }),
    ...rangesOf(ports).flatMap(([start, end]) => {
      const own = `${prefix}_PORT_${start.port}_${start.protocol.toUpperCase()}`;
      return [
        `${own}_START=${url(start)}`,
        `${own}_PORT_START=${start.port}`,
        `${own}_END=${url(end)}`,
        `${own}_PORT_END=${end.port}`,
      ];
    }),
    `${prefix}_NAME=${child.path}`,
    ...child.env
      .filter((entry) => /^(?!(?:HOME|PATH)=)[^=]+=/u.test(entry))
      .map((entry) => `${prefix}_ENV_${entry}`),
  ];
};

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp'];

const byPort = (a: Port, b: Port): number =>
  a.port - b.port || PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol);

/** First and last of each run of two or more consecutive ports of one protocol. */
const rangesOf = (ports: readonly Port[]): (readonly [Port, Port])[] => {
  const ranges: [Port, Port][] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last !== undefined && port.port === last[1].port + 1 && port.protocol === last[1].protocol)
      last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.filter(([start, end]) => start !== end);
};
