import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { Filters, Nullable } from '#api/dialect/schema.ts';

const Texts = Type.Record(Type.String(), Type.String());

/** docker-shapes.md 19, docker-modern.md 3.9. */
export const VolumeAnswer = Type.Object(
  {
    CreatedAt: Type.String(since('1.31')),
    Driver: Type.String(),
    Labels: Nullable(Texts, since('1.23')),
    Mountpoint: Type.String(),
    Name: Type.String(),
    Options: Nullable(Texts, since('1.25')),
    Scope: Type.String(since('1.23')),
    /** Only where disk usage is asked for. */
    UsageData: Type.Optional(Type.Object({ RefCount: Type.Integer(), Size: Type.Integer() }, since('1.25'))),
  },
  { $id: 'VolumeAnswer' },
);

export const VolumesAnswer = Type.Object(
  {
    Volumes: Nullable(Type.Array(VolumeAnswer)),
    Warnings: Nullable(Type.Array(Type.String()), since('1.22')),
  },
  { $id: 'VolumesAnswer' },
);

export const VolumesQuery = Type.Object({ filters: Filters() }, { $id: 'VolumesQuery' });

export const VolumeCreateBody = Type.Object(
  {
    Name: Type.Optional(Type.String()),
    Driver: Type.Optional(Type.String()),
    DriverOpts: Type.Optional(Texts),
    Labels: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.23'))),
  },
  { $id: 'VolumeCreateBody' },
);

export const VolumeRemoveQuery = Type.Object(
  { force: Type.Boolean(since('1.25')) },
  { $id: 'VolumeRemoveQuery' },
);

export const VolumePruneQuery = Type.Object({ filters: Filters() }, { $id: 'VolumePruneQuery' });

export const VolumePruneAnswer = Type.Object(
  { VolumesDeleted: Type.Array(Type.String()), SpaceReclaimed: Type.Integer() },
  { $id: 'VolumePruneAnswer' },
);
