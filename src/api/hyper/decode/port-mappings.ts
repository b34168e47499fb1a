import type { Static } from 'typebox';
import type { PortMapping } from '#domain/pod/spec.ts';
import type { UserContainerPort } from '#api/hyper/schema/user-container.ts';
import type { PortMapping as WireMapping } from '#api/hyper/schema/user-pod.ts';

/** Mappings of a pod, as asked for: the rules of pods say whether they can be. */
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

/** In any case; tcp unless it says otherwise. Any other word is left to the rules, which name it in their turn. */
export const decodeProtocol = (word: string): PortMapping['protocol'] =>
  (word === '' ? 'tcp' : word.toLowerCase()) as PortMapping['protocol'];
