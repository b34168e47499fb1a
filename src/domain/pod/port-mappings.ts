import { engineError } from '#domain/error/catalogue.ts';
import type { PortMapping } from './spec.ts';

/** Inclusive. */
export type PortRange = { readonly first: number; readonly last: number };

/** One port of the pod and where it may come out on the host; `hostFirst` 0 = anywhere. */
export type MappedPort = {
  readonly containerPort: number;
  readonly hostFirst: number;
  readonly hostLast: number;
};

const MOST = 65_535;

/** `80` or `80-90`; undefined when it is neither. */
export const parsePortRange = (text: string): PortRange | undefined => {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return last > MOST || first > last ? undefined : { first, last };
};

/** What a mapping opens, port by port. Throws `pod.port`, `pod.port-ranges`. */
export const portsOfMapping = (mapping: PortMapping): MappedPort[] => {
  const protocol: string = mapping.protocol;
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw engineError('pod.port', { field: 'protocol', value: protocol });
  const inside = rangeOf('containerPort', mapping.containerPort);
  // Port 0 inside is no port; on the host it is any.
  if (inside.first === 0)
    throw engineError('pod.port', { field: 'containerPort', value: mapping.containerPort });
  const count = inside.last - inside.first + 1;
  if (mapping.hostPort === '' || mapping.hostPort === '0') {
    return Array.from({ length: count }, (_, index) => ({
      containerPort: inside.first + index,
      hostFirst: 0,
      hostLast: 0,
    }));
  }
  const outside = rangeOf('hostPort', mapping.hostPort);
  const outsideCount = outside.last - outside.first + 1;
  // A range on the host for one port of the pod: the first that is free.
  if (count === 1) return [{ containerPort: inside.first, hostFirst: outside.first, hostLast: outside.last }];
  if (outsideCount !== count) {
    throw engineError('pod.port-ranges', {
      hostPort: mapping.hostPort,
      containerPort: mapping.containerPort,
    });
  }
  return Array.from({ length: count }, (_, index) => ({
    containerPort: inside.first + index,
    hostFirst: outside.first + index,
    hostLast: outside.first + index,
  }));
};

const rangeOf = (field: 'containerPort' | 'hostPort', text: string): PortRange => {
  const range = parsePortRange(text);
  if (range === undefined) throw engineError('pod.port', { field, value: text });
  return range;
};

/** A deletion goes by protocol and container port alone. */
export const isSameMapping = (one: PortMapping, other: PortMapping): boolean =>
  one.protocol === other.protocol && one.containerPort === other.containerPort;

/** Stable names of what a mapping has on the machine, within its sandbox. */
export const mappingOwner = (sandboxId: string, { protocol, containerPort, hostPort }: PortMapping): string =>
  `${sandboxId}/${protocol}/${containerPort}/${hostPort}`;
