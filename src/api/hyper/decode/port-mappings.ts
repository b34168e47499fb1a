import type { Static } from 'typebox';
import { engineError } from '#domain/error/catalogue.ts';
import type { PortMapping } from '#domain/pod/spec.ts';
import type { UserContainerPort } from '#api/hyper/schema/user-container.ts';
import type { PortMapping as WireMapping } from '#api/hyper/schema/user-pod.ts';

/** Mappings of a pod. Throws `invalid` code `pod.port` {field, value}. */
export const decodePortMappings = (body: readonly Static<typeof WireMapping>[]): PortMapping[] =>
  body.map(({ containerPort = '', hostPort = '', protocol = '' }) => ({
    containerPort,
    hostPort,
    protocol: decodeProtocol(protocol),
  }));

/** Ports as containers name them: of the pod they become. */
export const decodeContainerPorts = (body: readonly Static<typeof UserContainerPort>[]): PortMapping[] =>
  body.map(({ containerPort = 0, hostPort = 0, protocol = '' }) => ({
    containerPort: String(containerPort),
    hostPort: hostPort === 0 ? '' : String(hostPort),
    protocol: decodeProtocol(protocol),
  }));

/** In any case; tcp unless it says otherwise. */
const decodeProtocol = (word: string): PortMapping['protocol'] => {
  const protocol = word.toLowerCase();
  if (protocol === '' || protocol === 'tcp') return 'tcp';
  if (protocol === 'udp') return 'udp';
  throw engineError('pod.port', { field: 'protocol', value: word });
};
