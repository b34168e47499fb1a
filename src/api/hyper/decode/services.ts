import type { Static } from 'typebox';
import { engineError } from '#domain/error/catalogue.ts';
import type { PodService } from '#domain/pod/spec.ts';
import type { UserService } from '#api/hyper/schema/user-pod.ts';

/** Throws `invalid` code `pod.service` {field, value}. */
export const decodeService = (body: Static<typeof UserService>): PodService => {
  const { serviceIP = '', servicePort = 0, protocol = '', hosts = [] } = body;
  const word = protocol.toLowerCase();
  if (word !== '' && word !== 'tcp' && word !== 'udp')
    throw engineError('pod.service', { field: 'protocol', value: protocol });
  return {
    address: serviceIP,
    port: servicePort,
    protocol: word === 'udp' ? 'udp' : 'tcp',
    hosts: hosts.map(({ hostIP = '', hostPort = 0 }) => ({ address: hostIP, port: hostPort })),
  };
};
