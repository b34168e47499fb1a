import { engineError } from '#domain/error/catalogue.ts';
import type { HostConfig, PublishedPort } from './config.ts';

const HIGHEST_PORT = 65_535;

export type ContainerPort = { readonly port: number; readonly protocol: PublishedPort['protocol'] };

/** What the network is asked to publish; host ports 0..0 = any free one. */
export type WantedPort = {
  readonly containerPort: number;
  readonly protocol: PublishedPort['protocol'];
  readonly hostIp: string;
  readonly hostPortFirst: number;
  readonly hostPortLast: number;
};

type HostChoice = Pick<WantedPort, 'hostPortFirst' | 'hostPortLast'>;

/**
 * Who has no choice comes first, or one with a choice would take it away: one port, then ranges in the order of
 * their ends, then any port.
 */
export const byFreedom = (one: HostChoice, other: HostChoice): number => lastChoice(one) - lastChoice(other);

const lastChoice = ({ hostPortFirst, hostPortLast }: HostChoice): number => {
  if (hostPortFirst === 0) return HIGHEST_PORT + 1;
  return hostPortFirst === hostPortLast ? 0 : hostPortLast;
};

/** `80`, `80/tcp`, `53/udp`; throws `config.port`. */
export const parsePort = (text: string): ContainerPort => {
  const [, digits = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(\w+))?$/.exec(text.toLowerCase()) ?? [];
  const port = Number(digits);
  if (digits === '' || port > HIGHEST_PORT || !isProtocol(protocol))
    throw engineError('config.port', { port: text });
  return { port, protocol };
};

const isProtocol = (text: string): text is PublishedPort['protocol'] => ['tcp', 'udp', 'sctp'].includes(text);

/** `''`, `8080`, `8000-8010`; throws `config.port`. */
export const parseHostPort = (text: string): { first: number; last: number } => {
  if (text === '') return { first: 0, last: 0 };
  const [, low = '', high = low] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(low), Number(high)];
  if (low === '' || first > last || last > HIGHEST_PORT) throw engineError('config.port', { port: text });
  return { first, last };
};

/** Every port to publish at start, in the order of the ports; throws `config.port` (docker-semantics.md 8). */
export const planPorts = (
  host: Pick<HostConfig, 'portBindings' | 'publishAllPorts'>,
  exposed: readonly string[],
): WantedPort[] => {
  const bound = Object.entries(host.portBindings).flatMap(([key, bindings]) => wantedOf(key, bindings));
  if (!host.publishAllPorts) return bound.toSorted(byPort);
  const keys = new Set(bound.map(keyOf));
  const rest = exposed.flatMap((key) => wantedOf(key, [ANY])).filter((port) => !keys.has(keyOf(port)));
  return [...bound, ...rest].toSorted(byPort);
};

const ANY = { hostIp: '', hostPort: '' };

const wantedOf = (key: string, bindings: HostConfig['portBindings'][string]): WantedPort[] => {
  const { port, protocol } = parsePort(key);
  // A key with an empty list means "publish somewhere".
  return (bindings.length === 0 ? [ANY] : bindings).map(({ hostIp, hostPort }) => {
    const { first, last } = parseHostPort(hostPort);
    return { containerPort: port, protocol, hostIp, hostPortFirst: first, hostPortLast: last };
  });
};

const keyOf = ({ containerPort, protocol }: WantedPort): string => `${containerPort}/${protocol}`;

const byPort = (a: WantedPort, b: WantedPort): number =>
  a.containerPort - b.containerPort || a.protocol.localeCompare(b.protocol);

/** A binding for a port exposes it. */
export const exposedWithBindings = (
  exposed: readonly string[],
  host: Pick<HostConfig, 'portBindings'>,
): string[] => [...new Set([...exposed, ...Object.keys(host.portBindings).map(normalizePort)])];

const normalizePort = (key: string): string => {
  const { port, protocol } = parsePort(key);
  return `${port}/${protocol}`;
};
