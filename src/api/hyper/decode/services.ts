import type { Static } from 'typebox';
import type { PodService } from '#domain/pod/spec.ts';
import type { UserService } from '#api/hyper/schema/user-pod.ts';
import { decodeProtocol } from './port-mappings.ts';

/** A service as asked for: the rules of pods say whether it can be. */
export const decodeService = (body: Static<typeof UserService>): PodService => {
  const { serviceIP = '', servicePort = 0, protocol = '', hosts = [] } = body;
  const known = decodeProtocol(protocol);
  return {
    address: serviceIP,
    port: servicePort,
    protocol: known,
    ...(protocol === '' || protocol === known ? {} : { spelling: protocol }),
    hosts: hosts.map(({ hostIP = '', hostPort = 0 }) => ({ address: hostIP, port: hostPort })),
  };
};
