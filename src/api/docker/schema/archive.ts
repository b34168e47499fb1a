import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { internal, Nullable } from '#api/dialect/schema.ts';

export const ArchiveQuery = Type.Object({ path: Type.String() }, { $id: 'ArchiveQuery' });

export const PutArchiveQuery = Type.Object(
  {
    path: Type.String(),
    noOverwriteDirNonDir: Type.Boolean(),
    copyUIDGID: Type.Boolean(since('1.30')),
    /** Everything unpacked belongs to root, whatever the archive says. */
    ownedByRoot: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'PutArchiveQuery' },
);

export const CopyBody = Type.Object({ Resource: Type.Optional(Type.String()) }, { $id: 'CopyBody' });

/** Kind: 0 modified, 1 added, 2 deleted. */
export const FilesystemChange = Type.Object(
  { Path: Type.String(), Kind: Type.Integer({ minimum: 0, maximum: 2 }) },
  { $id: 'FilesystemChange' },
);

export const FilesystemChanges = Nullable(Type.Array(FilesystemChange));
