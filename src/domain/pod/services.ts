import { engineError } from '#domain/error/catalogue.ts';
import { parseIpv4 } from '#domain/network/cidr.ts';
import type { PodService } from './spec.ts';

/** What makes two services the same. */
export const serviceKey = ({ address, port, protocol }: PodService): string =>
  `${address}:${port}@${protocol}`;

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;

/** Throws `pod.service`. */
export const verifyService = ({ address, port, protocol, hosts }: PodService): void => {
  const refuse = (field: string, value: string | number): never => {
    throw engineError('pod.service', { field, value });
  };
  if (parseIpv4(address) === undefined) refuse('serviceIP', address);
  if (!isPort(port)) refuse('servicePort', port);
  if (protocol !== 'tcp' && protocol !== 'udp') refuse('protocol', String(protocol));
  for (const host of hosts) {
    if (parseIpv4(host.address) === undefined) refuse('hostIP', host.address);
    if (!isPort(host.port)) refuse('hostPort', host.port);
  }
};

/** Throws `pod.duplicate`. */
export const refuseTwins = (services: readonly PodService[]): void => {
  const seen = new Set<string>();
  for (const service of services) {
    const name = serviceKey(service);
    if (seen.has(name)) throw engineError('pod.duplicate', { field: 'services', name });
    seen.add(name);
  }
};

/** Those there are and those to come; throws `pod.service-exists`, `pod.duplicate`. */
export const withServices = (
  present: readonly PodService[],
  added: readonly PodService[],
): readonly PodService[] => {
  refuseTwins(added);
  const taken = new Set(present.map(serviceKey));
  const twin = added.find((service) => taken.has(serviceKey(service)));
  if (twin !== undefined) throw engineError('pod.service-exists', { service: serviceKey(twin) });
  return [...present, ...added];
};

export const withoutServices = (
  present: readonly PodService[],
  gone: readonly PodService[],
): readonly PodService[] => {
  const keys = new Set(gone.map(serviceKey));
  return present.filter((service) => !keys.has(serviceKey(service)));
};
