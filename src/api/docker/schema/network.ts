import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { Filters, internal, Nullable } from '#api/dialect/schema.ts';

const Texts = Type.Record(Type.String(), Type.String());

const Pool = Type.Object({
  Subnet: Type.Optional(Type.String()),
  IPRange: Type.Optional(Type.String()),
  Gateway: Type.Optional(Type.String()),
  AuxiliaryAddresses: Type.Optional(Texts),
});

const Member = Type.Object({
  Name: Type.String(since('1.22')),
  EndpointID: Type.String(),
  MacAddress: Type.String(),
  /** With prefix length: clients parse it. */
  IPv4Address: Type.String(),
  IPv6Address: Type.String(),
});

/** docker-shapes.md 20, docker-modern.md 3.9. */
export const NetworkAnswer = Type.Object(
  {
    Name: Type.String(),
    Id: Type.String(),
    Created: Type.String(since('1.25')),
    Scope: Type.String(),
    Driver: Type.String(),
    EnableIPv4: Type.Boolean(since('1.47')),
    EnableIPv6: Type.Boolean(since('1.22')),
    IPAM: Type.Object({
      Driver: Type.String(),
      Options: Nullable(Texts, since('1.22')),
      Config: Nullable(Type.Array(Pool)),
    }),
    Internal: Type.Boolean(since('1.22')),
    Attachable: Type.Boolean(since('1.25')),
    Ingress: Type.Boolean(since('1.29')),
    ConfigFrom: Type.Object({ Network: Type.String() }, since('1.30')),
    ConfigOnly: Type.Boolean(since('1.30')),
    /** By container id; only those that run. */
    Containers: Type.Record(Type.String(), Member),
    Options: Texts,
    Labels: Type.Record(Type.String(), Type.String(), since('1.23')),
  },
  { $id: 'NetworkAnswer' },
);

export const NetworksQuery = Type.Object(
  {
    filters: Filters(),
    /** Names have to be the same, and one fitting name or id is enough. */
    exact: Type.Optional(Type.Boolean(internal)),
    /** Each network says who is on it. */
    members: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'NetworksQuery' },
);

export const NetworkQuery = Type.Object(
  { verbose: Type.Boolean(since('1.28')), scope: Type.Optional(Type.String(since('1.31'))) },
  { $id: 'NetworkQuery' },
);

/** What has to be read of it to refuse it. */
export const NetworkCreateBody = Type.Object(
  { Name: Type.Optional(Type.String()), Driver: Type.Optional(Type.String()) },
  { $id: 'NetworkCreateBody' },
);

export const NetworkTieBody = Type.Object(
  { Container: Type.Optional(Type.String()) },
  { $id: 'NetworkTieBody' },
);

export const NetworkPruneQuery = Type.Object({ filters: Filters() }, { $id: 'NetworkPruneQuery' });

export const NetworkPruneAnswer = Type.Object(
  { NetworksDeleted: Nullable(Type.Array(Type.String())) },
  { $id: 'NetworkPruneAnswer' },
);
