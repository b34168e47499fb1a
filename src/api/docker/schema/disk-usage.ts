import { Type } from '#api/dialect/type.ts';
import { since, until } from '#api/dialect/lifetime.ts';
import { Nullable } from '#api/dialect/schema.ts';
import { ContainerItem } from './container.ts';
import { ImageItem } from './image.ts';
import { VolumeAnswer } from './volume.ts';

export const DiskUsageQuery = Type.Object(
  { type: Type.Array(Type.String(), since('1.42')) },
  { $id: 'DiskUsageQuery' },
);

/** As in the list of images, but `Containers` was counted here at every version. */
export const DiskUsageImage = Type.Object(ImageItem.properties, { $id: 'DiskUsageImage' });

/** docker-modern.md 3.9: what was not asked for is null. */
export const DiskUsageAnswer = Type.Object(
  {
    LayersSize: Type.Integer(),
    Images: Nullable(Type.Array(DiskUsageImage)),
    Containers: Nullable(Type.Array(ContainerItem)),
    Volumes: Nullable(Type.Array(VolumeAnswer)),
    BuildCache: Nullable(Type.Array(Type.Unknown()), since('1.31')),
    BuilderSize: Type.Integer(until('1.42')),
  },
  { $id: 'DiskUsageAnswer' },
);
