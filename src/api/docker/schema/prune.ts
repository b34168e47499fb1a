import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { Filters, Nullable } from '#api/dialect/schema.ts';
import { RemovedItem } from './image.ts';

export const PruneQuery = Type.Object({ filters: Filters() }, { $id: 'PruneQuery' });

export const BuildPruneAnswer = Type.Object(
  { CachesDeleted: Nullable(Type.Array(Type.String()), since('1.39')), SpaceReclaimed: Type.Integer() },
  { $id: 'BuildPruneAnswer' },
);

export const ContainerPruneAnswer = Type.Object(
  { ContainersDeleted: Nullable(Type.Array(Type.String())), SpaceReclaimed: Type.Integer() },
  { $id: 'ContainerPruneAnswer' },
);

export const ImagePruneAnswer = Type.Object(
  { ImagesDeleted: Nullable(Type.Array(RemovedItem)), SpaceReclaimed: Type.Integer() },
  { $id: 'ImagePruneAnswer' },
);
