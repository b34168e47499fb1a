import { Type } from '#api/dialect/type.ts';
import { Filters } from '#api/dialect/schema.ts';

const Text = () => Type.Optional(Type.String());
const Flag = () => Type.Optional(Type.Boolean());

export const ImagesQuery = Type.Object(
  { all: Type.Boolean(), filter: Text(), filters: Filters() },
  { $id: 'ImagesQuery' },
);

/** `repo:tag:id:created:size`, one for each tag (hyperd-api 2.5). */
export const ImagesAnswer = Type.Object({ imagesList: Type.Array(Type.String()) }, { $id: 'ImagesAnswer' });

/** A pull names an image; an import says where its tar comes from. */
export const CreateImageQuery = Type.Object(
  {
    imageName: Text(),
    tag: Text(),
    fromSrc: Text(),
    repo: Text(),
    message: Text(),
    changes: Type.Array(Type.String()),
  },
  { $id: 'CreateImageQuery' },
);

export const LoadQuery = Type.Object({ name: Text(), refs: Text() }, { $id: 'LoadQuery' });

export const SaveQuery = Type.Object(
  { names: Type.Array(Type.String()), format: Text(), refs: Text() },
  { $id: 'SaveQuery' },
);

export const RemoveQuery = Type.Object(
  { imageId: Text(), force: Flag(), noprune: Flag() },
  { $id: 'ImageRemoveQuery' },
);

/** The missing letter is the original's. */
export const RemovedAnswer = Type.Object(
  {
    imagesList: Type.Array(Type.Object({ untaged: Text(), deleted: Text() })),
  },
  { $id: 'RemovedAnswer' },
);

/** One object of a progress stream (hyperd-api 0.6). */
export const ProgressFrame = Type.Object(
  {
    stream: Text(),
    status: Text(),
    id: Text(),
    progress: Text(),
    progressDetail: Type.Optional(
      Type.Object({ current: Type.Optional(Type.Integer()), total: Type.Optional(Type.Integer()) }),
    ),
    error: Text(),
    errorDetail: Type.Optional(Type.Object({ message: Type.String() })),
  },
  { $id: 'ProgressFrame' },
);
