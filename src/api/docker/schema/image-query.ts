import { Type } from '#api/dialect/type.ts';
import type { TSchemaOptions } from 'typebox';
import { since, until } from '#api/dialect/lifetime.ts';
import { Filters, internal, json } from '#api/dialect/schema.ts';

const Text = Type.String;
const OptionalText = (options: TSchemaOptions = {}) => Type.Optional(Type.String(options));

/** A platform as JSON: `{"os":"linux","architecture":"amd64"}`. */
const Platform = Type.Object({
  os: OptionalText(),
  architecture: OptionalText(),
  variant: OptionalText(),
});

const platformSince = (version: string) => Type.Optional(Type.With(Platform, { ...json, ...since(version) }));

export const ImagesQuery = Type.Object(
  {
    all: Type.Boolean(),
    /** One pattern of `filters.reference`, where a change puts it. */
    filter: OptionalText(until('1.41')),
    filters: Filters(since('1.12')),
    /** For the client's table only. */
    digests: Type.Boolean(since('1.22')),
    'shared-size': Type.Boolean(since('1.42')),
    /** Stores of several platforms answer with manifests; this one holds one platform per image. */
    manifests: Type.Boolean(since('1.47')),
  },
  { $id: 'ImagesQuery' },
);

export const ImageInspectQuery = Type.Object(
  { manifests: Type.Boolean(since('1.48')), platform: platformSince('1.49') },
  { $id: 'ImageInspectQuery' },
);

export const HistoryQuery = Type.Object({ platform: platformSince('1.48') }, { $id: 'ImageHistoryQuery' });

/** Before 1.22 archives were for engines that knew no other form. */
const isLegacy = Type.Optional(Type.Boolean(internal));

export const SaveQuery = Type.Object({ platform: platformSince('1.48'), isLegacy }, { $id: 'SaveQuery' });

export const SaveManyQuery = Type.Object(
  { names: Type.Array(Type.String()), platform: platformSince('1.48'), isLegacy },
  { $id: 'SaveManyQuery' },
);

export const LoadQuery = Type.Object(
  { quiet: Type.Boolean(since('1.23')), platform: platformSince('1.48') },
  { $id: 'LoadQuery' },
);

export const TagQuery = Type.Object(
  {
    repo: Text(),
    tag: OptionalText(),
    force: Type.Boolean(until('1.24')),
    /** A name that is another image's stays where it is. */
    refusesMove: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'TagQuery' },
);

export const RemoveImageQuery = Type.Object(
  {
    force: Type.Boolean(since('1.10')),
    noprune: Type.Boolean(since('1.10')),
    /** Platforms as JSON text each. */
    platforms: Type.Array(Type.String(), since('1.50')),
  },
  { $id: 'RemoveImageQuery' },
);

export const CreateImageQuery = Type.Object(
  {
    fromImage: OptionalText(),
    fromSrc: OptionalText(),
    repo: OptionalText(),
    tag: OptionalText(),
    /** Host of `fromImage`, where a change puts it. */
    registry: OptionalText(until('1.4')),
    message: OptionalText(since('1.21')),
    changes: Type.Array(Type.String(), since('1.18')),
    platform: OptionalText(since('1.32')),
    /** Without credentials of its own the request uses the login left with the daemon. */
    usesStoredLogin: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'CreateImageQuery' },
);
