import { Type } from '#api/dialect/type.ts';
import { alive, since, until } from '#api/dialect/lifetime.ts';
import { internal, Nullable } from '#api/dialect/schema.ts';
import { ConfigAnswer } from './config.ts';
import { ImageConfigAnswer } from './image-config.ts';

const Text = Type.String;
const Strings = Type.Array(Type.String());

/** docker-shapes.md 6, docker-modern.md 3.6. */
export const ImageItem = Type.Object(
  {
    Id: Text(),
    ParentId: Text(since('1.7')),
    RepoTags: Type.Array(Type.String(), since('1.7')),
    RepoDigests: Type.Array(Type.String(), since('1.18')),
    Created: Type.Integer(),
    Size: Type.Integer(since('1.2')),
    VirtualSize: Type.Integer(alive(since('1.2'), until('1.44'))),
    SharedSize: Type.Integer(since('1.25')),
    Labels: Nullable(Type.Record(Type.String(), Type.String()), since('1.18')),
    Containers: Type.Integer(since('1.25')),
    /** Bytes of its uppermost layer. */
    ownSize: Type.Optional(Type.Integer(internal)),
  },
  { $id: 'ImageItem' },
);

/** docker-shapes.md 7, docker-modern.md 3.6. */
export const ImageAnswer = Type.Object(
  {
    Id: Text(),
    RepoTags: Type.Array(Type.String(), since('1.21')),
    RepoDigests: Type.Array(Type.String(), since('1.21')),
    Parent: Text(),
    Comment: Text(),
    Created: Text(),
    Container: Text(until('1.45')),
    ContainerConfig: Type.With(ConfigAnswer, until('1.45')),
    DockerVersion: Text(),
    Author: Text(),
    Config: ImageConfigAnswer,
    Architecture: Text(since('1.3')),
    Variant: Type.Optional(Text(since('1.32'))),
    Os: Text(since('1.8')),
    OsVersion: Type.Optional(Text(since('1.28'))),
    Size: Type.Integer(since('1.2')),
    VirtualSize: Type.Integer(alive(since('1.15'), until('1.44'))),
    GraphDriver: Type.Object(
      { Name: Text(), Data: Nullable(Type.Record(Type.String(), Type.String())) },
      since('1.20'),
    ),
    RootFS: Type.Object({ Type: Text(), Layers: Strings }, since('1.22')),
    Metadata: Type.Object({ LastTagTime: Text() }, since('1.31')),
    ownSize: Type.Optional(Type.Integer(internal)),
  },
  { $id: 'ImageAnswer' },
);

/** docker-shapes.md 8. */
export const HistoryItem = Type.Object(
  {
    Id: Text(),
    Created: Type.Integer(),
    CreatedBy: Text(),
    Tags: Nullable(Strings, since('1.3')),
    Size: Type.Integer(since('1.6')),
    Comment: Text(since('1.19')),
  },
  { $id: 'HistoryItem' },
);

/** docker-shapes.md 9: one of the two. `imageId` feeds the form before 1.10, `isLayer` that before 1.22. */
export const RemovedItem = Type.Object(
  {
    Untagged: Type.Optional(Text()),
    Deleted: Type.Optional(Text()),
    imageId: Type.Optional(Type.String(internal)),
    isLayer: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'RemovedItem' },
);
