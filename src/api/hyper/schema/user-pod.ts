import { Type } from '#api/dialect/type.ts';
import { json } from '#api/dialect/schema.ts';
import { UserContainer, UserFile, UserVolume } from './user-container.ts';

const Text = () => Type.Optional(Type.String());
const Count = () => Type.Optional(Type.Integer());
const Texts = () => Type.Optional(Type.Array(Type.String()));
const Pairs = () => Type.Optional(Type.Record(Type.String(), Type.String()));

/** hyperd-api 3.1. Ports are text: `80`, or `80-90`. */
export const PortMapping = Type.Object(
  { containerPort: Text(), hostPort: Text(), protocol: Text() },
  { $id: 'PortMapping' },
);

export const PortMappings = Type.Array(PortMapping, { $id: 'PortMappings' });

export const UserService = Type.Object(
  {
    serviceIP: Text(),
    servicePort: Count(),
    protocol: Text(),
    hosts: Type.Optional(Type.Array(Type.Object({ hostIP: Text(), hostPort: Count() }))),
  },
  { $id: 'UserService' },
);

export const UserInterface = Type.Object(
  { bridge: Text(), ip: Text(), ifname: Text(), mac: Text(), mtu: Count(), gateway: Text(), id: Text() },
  { $id: 'UserInterface' },
);

/** `isolation` is ours: `namespace`, or `vm`. */
export const UserPod = Type.Object(
  {
    id: Text(),
    hostname: Text(),
    type: Text(),
    restartPolicy: Text(),
    tty: Type.Optional(Type.Boolean()),
    labels: Pairs(),
    resource: Type.Optional(Type.Object({ vcpu: Count(), memory: Count() })),
    log: Type.Optional(Type.Object({ type: Text(), config: Pairs() })),
    dns: Texts(),
    dnsOptions: Texts(),
    dnsSearch: Texts(),
    containers: Type.Optional(Type.Array(UserContainer)),
    files: Type.Optional(Type.Array(UserFile)),
    volumes: Type.Optional(Type.Array(UserVolume)),
    interfaces: Type.Optional(Type.Array(UserInterface)),
    services: Type.Optional(Type.Array(UserService)),
    portmappings: Type.Optional(Type.Array(PortMapping)),
    portmappingWhiteLists: Type.Optional(
      Type.Object({ internalNetworks: Texts(), externalNetworks: Texts() }),
    ),
    isolation: Text(),
  },
  { $id: 'UserPod' },
);

/** The same as the text of a parameter. */
export const UserPodText = Type.Object({ ...UserPod.properties }, json);
